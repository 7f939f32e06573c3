import type { Hex } from 'viem';
import type { Deployment } from '../../protocol/deployment.ts';
import { faults } from '../../protocol/fault.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Block, Booking, ChainState, Trip } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { createCommittees } from './committees.ts';
import { type Coverage, createCoverageStates } from './coverage-state.ts';
import type { Header } from './header.ts';
import { amendmentsOf, type Named, namedIn } from './named.ts';
import { createPayrollLogs } from './payroll-logs.ts';
import { createReads } from './reads.ts';
import {
  type AmendedEvent,
  type CoveredEvent,
  createRegistryLogs,
  type RulesTold,
} from './registry-logs.ts';
import { createSeating } from './seating.ts';

const fault = faults<{ LOGS_MISSING: { block: Hex; found: bigint; made: bigint } }>();

/** States kept for reorgs. */
const KEPT = 256;
/** Blocks between two questions for rules that nobody told of. */
const ASKS_AGAIN = 8n;

/**
 * `made` counts the coverages ever made up to the block; `coverages` are those that live. `opens` is
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
  bookings: readonly Booking[] | null;
}>;

/** What registry and committee decide, block by block. */
export type ChainStates = ReturnType<typeof createChainStates>;

/**
 * State is read at block hashes only: a reorg cannot leave anything of a dropped block behind, and a provider that holds
 * logs back cannot hide a rule's phase, an end or a roster. An empty answer is no proof: what is read again at a block is
 * all that its own header leaves room for in logs, and nothing else, since anybody can make a block that holds some log.
 * That a coverage exists comes from logs alone, so their number is held against the registry's own count at the same
 * hash: LOGS_MISSING where they differ, since rules that nobody knows of would be silently unguarded. Which rules it has
 * comes from logs too, and is held against the registry's hash of their ids.
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
  const payroll = createPayrollLogs(providers, deployment.payroll);
  let told = '';

  const keep = (known: Known) => {
    states.set(known.state.block.hash, known);
    keepNewest(states, KEPT);
    return known;
  };

  /** The coverages that logs tell of and that exist at the block, each with all the rules it was given. */
  const existing = async (
    block: Block,
    told: ReadonlyMap<Hex, readonly Named[]>,
  ): Promise<readonly (readonly Named[])[]> => {
    const known = await Promise.all(
      [...told.keys()].map((id) => coverageStates.isKnown(block, id)),
    );
    return [...told].flatMap(([coverageId, given], index) => {
      if (known[index]) return [given];
      onIgnored(coverageId, 'UNKNOWN_TO_REGISTRY');
      return [];
    });
  };

  /** Says once why the rules of a coverage are not watched. */
  const tell = (coverage: Coverage | null, former?: Coverage): void => {
    const code = coverage === null ? null : refusalOf(coverage);
    if (coverage === null || code === null) return;
    const same = former?.named === coverage.named && refusalOf(former) === code;
    if (!same) onIgnored(coverage.named.coverageId, code);
  };

  const mustBeAll = async (block: Block, found: bigint): Promise<void> => {
    const made = await coverageStates.countMade(block);
    const difference = found === made ? '' : `${found} of ${made}`;
    if (difference !== told && difference !== '') onMissing(block.height, found, made);
    told = difference;
    if (found !== made) throw fault('LOGS_MISSING', { block: block.hash, found, made });
  };

  /**
   * A coverage as it was in the block before, unless this one may hold a log that names it. Rules that nobody told of are
   * asked for now and then: a provider that holds them back makes this one coverage silent, and no other.
   */
  const coverageAt = async (
    block: Header,
    former: Coverage,
    amended: RulesTold['amended'],
  ): Promise<Coverage | null> => {
    const { named, isCurrent } = former;
    const asks = !isCurrent && block.height % ASKS_AGAIN === 0n;
    if (!asks && !logs.may.change(block, named.coverageId)) return former;
    const told = asks ? namedIn(await logs.rulesOf(block, named.coverageId)) : null;
    const found = told?.get(named.coverageId) ?? amendmentsOf(named, amended);
    const coverage = await coverageStates.at(block, [...found, named]);
    tell(coverage, former);
    return coverage;
  };

  /** State at a block whose parent's is `former`, with what logs tell of coverages since. */
  const read = async (
    block: Header,
    told: RulesTold,
    former: Known | typeof NOTHING,
  ): Promise<Known> => {
    const known = new Set(former.coverages.map(({ named }) => named.coverageId));
    const covered = told.covered.filter(({ coverageId }) => !known.has(coverageId));
    const fresh = await existing(block, namedIn({ ...told, covered }));
    const made = former.made + BigInt(fresh.length);
    const [seating, found, begun] = await Promise.all([
      seatingAt(block, former.state, { roster: former.opens, struck: logs.may.strike(block) }),
      Promise.all(former.coverages.map((coverage) => coverageAt(block, coverage, told.amended))),
      Promise.all(fresh.map((given) => coverageStates.at(block, given))),
      former.state === null || logs.may.cover(block) ? mustBeAll(block, made) : undefined,
    ]);
    for (const coverage of begun) tell(coverage);
    const coverages = [...found, ...begun].filter((coverage) => coverage !== null);
    const rules = coverages.flatMap((coverage) => coverage.rules);
    return { state: { block, ...seating, rules }, coverages, made, opens: logs.may.open(block) };
  };

  /** Everything up to `block`, for a start or after a gap; a reorg between its logs and its state is a fault. */
  const start = async (block: Header): Promise<Known> => {
    const covered: CoveredEvent[] = [];
    const amended: AmendedEvent[] = [];
    for await (const found of logs.rulesUpTo(block)) {
      covered.push(...found.covered);
      amended.push(...found.amended);
      // Each time: a height that was invented would be counted up to for years.
      await reads.mustBeCanonical(block);
    }
    return read(block, { covered, amended }, NOTHING);
  };

  /** State at a block, and the trips, failures and bookings in it as far as providers tell them. */
  const at = async (block: Header): Promise<ChainStateStep> => {
    const parent = states.get(block.parentHash);
    const [{ trips, failures, ...told }, bookings] = await Promise.all([
      logs.of(block),
      payroll.of(block),
    ]);
    const { state } = keep(
      parent === undefined ? await start(block) : await read(block, told, parent),
    );
    return { state, trips, failures, bookings };
  };

  return { at, bookingsSince: payroll.since };
}

/** Why a coverage's rules are not watched; null when they are. */
const refusalOf = ({ named, isCurrent }: Coverage): string | null => {
  if (!isCurrent) return 'RULES_UNTOLD';
  return named.covered.ok ? null : named.covered.code;
};
