import { encodeEventTopics, type Hex, parseEventLogs } from 'viem';
import { committeeAbi, registryAbi } from '../../protocol/abi.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { hasQuorum } from '../../protocol/quorum.ts';
import type { Block, Trip } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { inHalves } from '../lib/spans.ts';
import type { Header } from './header.ts';
import { createLogs, mayHold, type RawLog } from './logs.ts';

/** Blocks a request for old logs spans. */
const SPAN = 2_000n;

/** What a Covered event says. */
export type CoveredEvent = Readonly<{
  coverageId: Hex;
  target: Hex;
  ruleIds: readonly Hex[];
  manifest: Hex;
}>;

/** What an Amended event says: other rules of a coverage made before. */
export type AmendedEvent = Omit<CoveredEvent, 'target'>;

/** Which rules coverages have, as logs tell it; of one coverage in the order in which it was told. */
export type RulesTold = Readonly<{
  covered: readonly CoveredEvent[];
  amended: readonly AmendedEvent[];
}>;

/** What registry and committee have told in logs. A provider may hold logs back: nobody can tell from an answer alone. */
export type RegistryLogs = ReturnType<typeof createRegistryLogs>;

/** What the registry tells in one block: coverages made or amended, trips, and coverages whose target failed. */
export type BlockLogs = RulesTold & Readonly<{ trips: readonly Trip[]; failures: readonly Hex[] }>;

const NOTHING: BlockLogs = { covered: [], amended: [], trips: [], failures: [] };

/** Of one block by its hash, or of all blocks up to one by their numbers. */
export function createRegistryLogs(providers: Providers, deployment: Deployment) {
  const { registry, committee } = deployment;
  const topicOf = (eventName: 'Covered' | 'Amended' | 'Incident' | 'TargetFailed' | 'Struck') =>
    encodeEventTopics({ abi: registryAbi, eventName })[0];
  const [covered, amended] = [topicOf('Covered'), topicOf('Amended')];
  const struck = topicOf('Struck');
  const [incident, failed] = [topicOf('Incident'), topicOf('TargetFailed')];
  const [opened] = encodeEventTopics({ abi: committeeAbi, eventName: 'EpochOpened' });

  const logs = createLogs(providers, registry);

  /**
   * Whether a block may hold such a log, by its own header; false is certain. What the registry writes about a coverage
   * it tells in an event that names the coverage, so a coverage that no log can name is what it was.
   */
  const may = {
    cover: (block: Header) => mayHold(block, registry, covered),
    amend: (block: Header) => mayHold(block, registry, amended),
    trip: (block: Header) => mayHold(block, registry, incident),
    fail: (block: Header) => mayHold(block, registry, failed),
    strike: (block: Header) => mayHold(block, registry, struck),
    open: (block: Header) => mayHold(block, committee, opened),
    change: (block: Header, coverageId: Hex) => mayHold(block, registry, coverageId),
  };

  const of = async (block: Header): Promise<BlockLogs> => {
    const mayTell = [may.cover, may.amend, may.trip, may.fail].some((may) => may(block));
    if (!mayTell) return NOTHING;
    // Only what costs its maker dear: a block can be filled with the registry's cheaper logs.
    const ours = await logs.of(block, [[covered, amended, incident, failed]]);
    return { ...rulesIn(ours), trips: tripsIn(ours), failures: failuresIn(ours) };
  };

  /** Halved where it must be: manifests are large. */
  const between = (
    from: bigint,
    to: bigint,
    block: Block,
    coverageId?: Hex,
  ): Promise<readonly RawLog[]> => {
    const topics = [[covered, amended], ...(coverageId === undefined ? [] : [coverageId])];
    return inHalves(from, to, (first, last) => logs.between(first, last, block, topics));
  };

  /** By numbers, for a start: not bound to any hash, so whoever asks must check what was found, and as it comes. */
  async function* rulesUpTo(block: Block): AsyncGenerator<RulesTold, void, undefined> {
    for (let from = BigInt(deployment.deployedAt); from <= block.height; from += SPAN) {
      const last = from + SPAN - 1n;
      yield rulesIn(await between(from, last < block.height ? last : block.height, block));
    }
  }

  /** Of one coverage alone, by numbers too. */
  const rulesOf = async (block: Block, coverageId: Hex): Promise<RulesTold> =>
    rulesIn(await between(BigInt(deployment.deployedAt), block.height, block, coverageId));

  return { may, of, rulesUpTo, rulesOf };
}

const rulesIn = (logs: readonly RawLog[]): RulesTold => ({
  covered: parseEventLogs({ abi: registryAbi, eventName: 'Covered', logs: logs as never }).map(
    ({ args }) => args,
  ),
  amended: parseEventLogs({ abi: registryAbi, eventName: 'Amended', logs: logs as never }).map(
    ({ args }) => args,
  ),
});

const tripsIn = (logs: readonly RawLog[]): readonly Trip[] =>
  parseEventLogs({ abi: registryAbi, eventName: 'Incident', logs: logs as never }).map((log) => ({
    digest: log.args.digest,
    coverageId: log.args.coverageId,
    ruleId: log.args.verdict.ruleId,
    verdict: log.args.verdict,
    signed: log.args.signed,
    rung: log.args.rung,
    isFull: hasQuorum(3, log.args.signed, log.args.total),
    end: log.args.end,
    submitter: log.args.submitter,
    transaction: (log as unknown as RawLog).transactionHash,
  }));

const failuresIn = (logs: readonly RawLog[]): readonly Hex[] =>
  parseEventLogs({ abi: registryAbi, eventName: 'TargetFailed', logs: logs as never }).map(
    ({ args }) => args.coverageId,
  );
