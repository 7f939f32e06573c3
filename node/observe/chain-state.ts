import type { Hex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { seatsOfWords } from '../../protocol/certificate.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { faults } from '../../protocol/fault.ts';
import type { Block, ChainState, CoveredRule, Trip } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { createCommittees } from './committees.ts';
import { type CoveredRules, rulesOfCoverage } from './coverage.ts';
import type { Header } from './header.ts';
import { createReads } from './reads.ts';
import { type CoveredEvent, createRegistryLogs } from './registry-logs.ts';

const fault = faults<{ LOGS_MISSING: { block: Hex; found: bigint; made: bigint } }>();

/** States kept for reorgs. */
const KEPT = 256;
/** `Phase`. */
const [NONE, ARMED] = [0, 2];

/** `made` counts the coverages ever made up to the block; `coverages` are those that live and can be read. */
type Known = Readonly<{
  state: ChainState;
  coverages: readonly CoveredRules[];
  made: bigint;
  touched: boolean;
}>;

const NOTHING = { state: null, coverages: [], made: 0n, touched: true } as const;

/** Told what a person should hear of; nothing depends on it. */
export type ChainStateEvents = Readonly<{
  /** A coverage that is not watched, and why. */
  onIgnored: (coverageId: Hex, code: string) => void;
  /** The registry made more coverages (or fewer) than the logs tell: nothing is observed until they agree. */
  onMissing: (height: bigint, found: bigint, made: bigint) => void;
}>;

/** What registry and committee decide, block by block. */
export type ChainStates = ReturnType<typeof createChainStates>;

/**
 * State is read at block hashes only: a reorg cannot leave anything of a dropped block behind, and a provider that holds
 * logs back cannot hide a rule's phase, an end or a roster. That a coverage exists comes from logs alone, so their number
 * is held against the registry's own count at the same hash: LOGS_MISSING where they differ, since rules that nobody
 * knows of would be silently unguarded.
 */
export function createChainStates(
  providers: Providers,
  deployment: Deployment,
  { onIgnored, onMissing }: ChainStateEvents,
) {
  const states = new Map<Hex, Known>();
  const reads = createReads(providers);
  const committees = createCommittees(reads, deployment.committee);
  const logs = createRegistryLogs(providers, deployment);
  const registry = { address: deployment.registry, abi: registryAbi } as const;
  let told = '';

  const struckIn = async (block: Block, epoch: bigint, seatCount: number) => {
    const words = await reads.call(block, registry, 'struck', [epoch]);
    return { epoch, seats: seatsOfWords(words, seatCount) };
  };

  const rulesAt = async (
    block: Block,
    { coverageId, target, rules }: CoveredRules,
  ): Promise<readonly CoveredRule[]> => {
    const { retired, notBefore, escrow } = await reads.call(block, registry, 'coverage', [
      coverageId,
    ]);
    if (retired) return [];
    const read = rules.map(async ({ ruleId, name, rule }): Promise<CoveredRule> => {
      const [state, anchor] = await Promise.all([
        reads.call(block, registry, 'ruleState', [coverageId, ruleId]),
        reads.call(block, registry, 'anchor', [coverageId, ruleId]),
      ]);
      return {
        coverageId,
        ruleId,
        name,
        target,
        rule,
        phase: state.phase === ARMED ? 'armed' : 'shadow',
        armedAt: state.armedAt,
        notBefore,
        escrow,
        lastHeight: state.lastHeight,
        anchor: BigInt(anchor) === 0n ? null : anchor,
      };
    });
    return Promise.all(read);
  };

  const readState = async (
    block: Block,
    coverages: readonly CoveredRules[],
    former: ChainState | null,
  ): Promise<ChainState> => {
    const epoch = await committees.epochAt(block);
    const [committee, rules] = await Promise.all([
      committees.at(block, epoch),
      Promise.all(coverages.map((covered) => rulesAt(block, covered))),
    ]);
    // Certificates may still be about blocks of the epoch before, however long this one has been open.
    const known = [epoch, ...(former?.struck ?? []).map((entry) => entry.epoch)];
    const epochs = [...new Set([...known, former?.epoch ?? epoch])]
      .filter((number) => number !== 0n)
      .slice(0, 2);
    const seatCount = committee?.seats.length ?? 0;
    const struck = await Promise.all(
      epochs.map((number) =>
        struckIn(block, number, Math.max(seatCount, former?.committee?.seats.length ?? 0)),
      ),
    );
    return { block, epoch, committee, rules: rules.flat(), struck };
  };

  const keep = (known: Known) => {
    states.set(known.state.block.hash, known);
    const [oldest] = states.keys();
    if (states.size > KEPT && oldest !== undefined) states.delete(oldest);
    return known;
  };

  /** Whether the registry knows a coverage with just these rules at the block: a log may be invented, or of a dropped block. */
  const isKnown = async (block: Block, { coverageId, ruleIds }: CoveredEvent): Promise<boolean> => {
    const phases = ruleIds.map(
      async (ruleId) =>
        (await reads.call(block, registry, 'ruleState', [coverageId, ruleId])).phase,
    );
    return ruleIds.length > 0 && (await Promise.all(phases)).every((phase) => phase !== NONE);
  };

  /** The coverages of these events that exist at the block, each once. */
  const existing = async (block: Block, events: readonly CoveredEvent[]) => {
    const once = [...new Map(events.map((event) => [event.coverageId, event])).values()];
    const known = await Promise.all(once.map((event) => isKnown(block, event)));
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
    const made = await reads.call(block, registry, 'nonce', []);
    const difference = found === made ? '' : `${found} of ${made}`;
    if (difference !== told && difference !== '') onMissing(block.height, found, made);
    told = difference;
    if (found !== made) throw fault('LOGS_MISSING', { block: block.hash, found, made });
  };

  /** State at a block whose parent's is `former`, with the coverages that logs tell of since. */
  const read = async (
    block: Block,
    events: readonly CoveredEvent[],
    former: Omit<Known, 'state'> & { state: ChainState | null },
  ): Promise<Omit<Known, 'touched'>> => {
    const isNew = ({ coverageId }: CoveredEvent) =>
      !former.coverages.some((known) => known.coverageId === coverageId);
    const fresh = await existing(block, events.filter(isNew));
    const made = former.made + BigInt(fresh.length);
    const coverages = [...former.coverages, ...readable(fresh)];
    const [state] = await Promise.all([
      readState(block, coverages, former.state),
      mustBeAll(block, made),
    ]);
    const live = new Set(state.rules.map(({ coverageId }) => coverageId));
    return { state, coverages: coverages.filter(({ coverageId }) => live.has(coverageId)), made };
  };

  /** Everything up to `block`, for a start or after a gap; a reorg between its logs and its state is a fault. */
  const start = async (block: Block): Promise<Known> => {
    const events = await logs.coveredUpTo(block);
    await reads.mustBeCanonical(block);
    return { ...(await read(block, events, NOTHING)), touched: true };
  };

  const follow = async (
    block: Header,
    events: readonly CoveredEvent[],
    parent: Known,
  ): Promise<Known> => {
    // An empty answer is no proof: where the header leaves room for a log, the state itself is asked.
    const touched = logs.mayHold(block);
    // A roster opened in a block is in force from the next one on.
    return touched || parent.touched
      ? { ...(await read(block, events, parent)), touched }
      : { ...parent, state: { ...parent.state, block }, touched };
  };

  /** State at a block, and the trips in it as far as providers tell them. */
  const at = async (block: Header): Promise<{ state: ChainState; trips: readonly Trip[] }> => {
    const parent = states.get(block.parentHash);
    const { covered, trips } = await logs.of(block);
    const { state } = keep(
      parent === undefined ? await start(block) : await follow(block, covered, parent),
    );
    return { state, trips };
  };

  return { at };
}
