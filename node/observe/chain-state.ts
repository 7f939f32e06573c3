import type { Hex } from 'viem';
import type { Deployment } from '../../protocol/deployment.ts';
import { faults } from '../../protocol/fault.ts';
import type { Block, ChainState, Trip } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { createCommittees } from './committees.ts';
import { type CoveredRules, rulesOfCoverage } from './coverage.ts';
import { type Coverage, createCoverageStates } from './coverage-state.ts';
import type { Header } from './header.ts';
import { createReads } from './reads.ts';
import { type CoveredEvent, createRegistryLogs } from './registry-logs.ts';
import { createSeating } from './seating.ts';

const fault = faults<{ LOGS_MISSING: { block: Hex; found: bigint; made: bigint } }>();

/** States kept for reorgs. */
const KEPT = 256;

/**
 * `made` counts the coverages ever made up to the block; `coverages` are those that live and can be read. `opens` is
 * true where the block may have opened a roster: it is in force from the next one on.
 */
type Known = Readonly<{
  state: ChainState;
  coverages: readonly Coverage[];
  made: bigint;
  opens: boolean;
}>;

const NOTHING = { state: null, coverages: [], made: 0n, opens: true } as const;

/** Told what a person should hear of; nothing depends on it. */
export type ChainStateEvents = Readonly<{
  /** A coverage that is not watched, and why. */
  onIgnored: (coverageId: Hex, code: string) => void;
  /** The registry made more coverages (or fewer) than the logs tell: nothing is observed until they agree. */
  onMissing: (height: bigint, found: bigint, made: bigint) => void;
}>;

/** What is known of one block. */
export type ChainStateStep = Readonly<{
  state: ChainState;
  trips: readonly Trip[];
  failures: readonly Hex[];
}>;

/** What registry and committee decide, block by block. */
export type ChainStates = ReturnType<typeof createChainStates>;

/**
 * State is read at block hashes only: a reorg cannot leave anything of a dropped block behind, and a provider that holds
 * logs back cannot hide a rule's phase, an end or a roster. An empty answer is no proof: what is read again at a block is
 * all that its own header leaves room for in logs, and nothing else, since anybody can make a block that holds some log.
 * That a coverage exists comes from logs alone, so their number is held against the registry's own count at the same
 * hash: LOGS_MISSING where they differ, since rules that nobody knows of would be silently unguarded.
 */
export function createChainStates(
  providers: Providers,
  deployment: Deployment,
  { onIgnored, onMissing }: ChainStateEvents,
) {
  const states = new Map<Hex, Known>();
  const reads = createReads(providers);
  const coverageStates = createCoverageStates(reads, deployment.registry);
  const seatingAt = createSeating(
    reads,
    createCommittees(reads, deployment.committee),
    deployment.registry,
  );
  const logs = createRegistryLogs(providers, deployment);
  let told = '';

  const keep = (known: Known) => {
    states.set(known.state.block.hash, known);
    const [oldest] = states.keys();
    if (states.size > KEPT && oldest !== undefined) states.delete(oldest);
    return known;
  };

  /** The coverages of these events that exist at the block, each once. */
  const existing = async (block: Block, events: readonly CoveredEvent[]) => {
    const once = [...new Map(events.map((event) => [event.coverageId, event])).values()];
    const known = await Promise.all(once.map((event) => coverageStates.isKnown(block, event)));
    once.forEach(({ coverageId }, index) => {
      if (known[index] === false) onIgnored(coverageId, 'UNKNOWN_TO_REGISTRY');
    });
    return once.filter((_, index) => known[index]);
  };

  const readable = (events: readonly CoveredEvent[]): readonly CoveredRules[] =>
    events.flatMap((event) => {
      const covered = rulesOfCoverage(event);
      if (covered.ok) return [covered.value];
      onIgnored(event.coverageId, covered.code);
      return [];
    });

  const mustBeAll = async (block: Block, found: bigint): Promise<void> => {
    const made = await coverageStates.countMade(block);
    const difference = found === made ? '' : `${found} of ${made}`;
    if (difference !== told && difference !== '') onMissing(block.height, found, made);
    told = difference;
    if (found !== made) throw fault('LOGS_MISSING', { block: block.hash, found, made });
  };

  /** A coverage as it was in the block before, unless this one may hold a log that names it. */
  const coverageAt = async (block: Header, former: Coverage): Promise<Coverage | null> =>
    logs.may.change(block, former.covered.coverageId)
      ? coverageStates.at(block, former.covered)
      : former;

  /** State at a block whose parent's is `former`, with the coverages that logs tell of since. */
  const read = async (
    block: Header,
    events: readonly CoveredEvent[],
    former: Known | typeof NOTHING,
  ): Promise<Known> => {
    const isNew = ({ coverageId }: CoveredEvent) =>
      !former.coverages.some(({ covered }) => covered.coverageId === coverageId);
    const fresh = await existing(block, events.filter(isNew));
    const made = former.made + BigInt(fresh.length);
    const [seating, found] = await Promise.all([
      seatingAt(block, former.state, { roster: former.opens, struck: logs.may.strike(block) }),
      Promise.all([
        ...former.coverages.map((coverage) => coverageAt(block, coverage)),
        ...readable(fresh).map((covered) => coverageStates.at(block, covered)),
      ]),
      former.state === null || logs.may.cover(block) ? mustBeAll(block, made) : undefined,
    ]);
    const coverages = found.filter((coverage) => coverage !== null);
    const rules = coverages.flatMap((coverage) => coverage.rules);
    return { state: { block, ...seating, rules }, coverages, made, opens: logs.may.open(block) };
  };

  /** Everything up to `block`, for a start or after a gap; a reorg between its logs and its state is a fault. */
  const start = async (block: Header): Promise<Known> => {
    const events: CoveredEvent[] = [];
    for await (const found of logs.coveredUpTo(block)) {
      events.push(...found);
      // Each time: a height that was invented would be counted up to for years.
      await reads.mustBeCanonical(block);
    }
    return read(block, events, NOTHING);
  };

  /** State at a block, and the trips and failures in it as far as providers tell them. */
  const at = async (block: Header): Promise<ChainStateStep> => {
    const parent = states.get(block.parentHash);
    const { covered, trips, failures } = await logs.of(block);
    const { state } = keep(
      parent === undefined ? await start(block) : await read(block, covered, parent),
    );
    return { state, trips, failures };
  };

  return { at };
}
