import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  isHex,
  keccak256,
  numberToHex,
  parseEventLogs,
} from 'viem';
import { z } from 'zod';
import { committeeAbi, registryAbi } from '../../protocol/abi.ts';
import { childAddress, decodeRoster, rosterPages } from '../../protocol/committee.ts';
import { seatsOfWords } from '../../protocol/certificate.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { faults } from '../../protocol/fault.ts';
import type { Committee } from '../../protocol/types.ts';
import type { Block, ChainState, CoveredRule, Trip } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { type CoveredRules, rulesOfCoverage } from './coverage.ts';
import { type Header, mayHoldLog } from './header.ts';

const fault = faults<{
  LOGS_INVALID: { block: Hex };
  CALL_INVALID: { functionName: string };
  ROSTER_INVALID: { epoch: bigint; reason: string };
}>();

/** Blocks a request for old logs spans. */
const SPAN = 2_000n;
/** States kept for reorgs. */
const KEPT = 256;

const hex = z.custom<Hex>((value) => isHex(value)).transform((text) => text.toLowerCase() as Hex);
const logsSchema = z
  .array(
    z.object({
      address: hex,
      topics: z.array(hex).max(4),
      data: hex,
      blockHash: hex,
      transactionHash: hex,
    }),
  )
  .max(10_000);
type RawLog = z.infer<typeof logsSchema>[number];

type Known = Readonly<{ state: ChainState; coverages: readonly CoveredRules[]; touched: boolean }>;

/** What registry and committee decide, block by block. */
export type ChainStates = ReturnType<typeof createChainStates>;

/** Read at block hashes only: a reorg cannot leave anything of a dropped block behind. */
export function createChainStates(
  providers: Providers,
  deployment: Deployment,
  onIgnored: (coverageId: Hex, code: string) => void,
) {
  const states = new Map<Hex, Known>();
  const committees = new Map<string, Committee>();
  const watched = [deployment.registry, deployment.committee];
  const registry = { address: deployment.registry, abi: registryAbi } as const;
  const committee = { address: deployment.committee, abi: committeeAbi } as const;

  async function call<const A extends Abi, N extends ContractFunctionName<A, 'view'>>(
    block: Block,
    contract: Readonly<{ address: Hex; abi: A }>,
    functionName: N,
    args: ContractFunctionArgs<A, 'view', N>,
  ): Promise<ContractFunctionReturnType<A, 'view', N>> {
    const { address, abi } = contract;
    const input = encodeFunctionData({ abi, functionName, args } as Parameters<
      typeof encodeFunctionData
    >[0]);
    return providers.agreed(
      'eth_call',
      [{ to: address, data: input }, { blockHash: block.hash }],
      (answer) => {
        if (!isHex(answer)) throw fault('CALL_INVALID', { functionName });
        return decodeFunctionResult({ abi, functionName, args, data: answer } as Parameters<
          typeof decodeFunctionResult
        >[0]) as ContractFunctionReturnType<A, 'view', N>;
      },
    );
  }

  const codeAt = (block: Block, address: Hex): Promise<Hex> =>
    providers.agreed('eth_getCode', [address, { blockHash: block.hash }], (answer) => {
      if (!isHex(answer)) throw fault('CALL_INVALID', { functionName: 'eth_getCode' });
      return answer.toLowerCase() as Hex;
    });

  const logs = (filter: object, block: Block): Promise<readonly RawLog[]> =>
    providers.agreed('eth_getLogs', [{ address: watched, ...filter }], (answer) => {
      const parsed = logsSchema.safeParse(answer);
      if (!parsed.success) throw fault('LOGS_INVALID', { block: block.hash }, parsed.error);
      return parsed.data;
    });

  /** The block's own header says where no log can be, and convicts a provider that invents one. */
  const logsIn = async (block: Header): Promise<readonly RawLog[]> => {
    if (!watched.some((address) => mayHoldLog(block, address))) return [];
    const found = await logs({ blockHash: block.hash }, block);
    const isPossible = ({ address, topics, blockHash }: RawLog) =>
      blockHash === block.hash && [address, ...topics].every((part) => mayHoldLog(block, part));
    if (!found.every(isPossible)) throw fault('LOGS_INVALID', { block: block.hash });
    return found;
  };

  /** The roster in force, its keys read from pages and checked; cached by the roster's code. */
  const committeeOf = async (block: Block, epoch: bigint): Promise<Committee | null> => {
    if (epoch === 0n) return null;
    const { nonce } = await call(block, committee, 'roster', [epoch]);
    const code = await codeAt(block, childAddress(deployment.committee, nonce));
    const key = `${epoch}:${keccak256(code)}`;
    const known = committees.get(key);
    if (known !== undefined) return known;
    const needed = rosterPages(code);
    if (!needed.ok) throw fault('ROSTER_INVALID', { epoch, reason: needed.code });
    const pages = await Promise.all(
      needed.value.map(
        async (page) =>
          [page, await codeAt(block, childAddress(deployment.committee, page))] as const,
      ),
    );
    const decoded = decodeRoster({ epoch, code, pages: new Map(pages) });
    if (!decoded.ok) throw fault('ROSTER_INVALID', { epoch, reason: decoded.code });
    committees.set(key, decoded.value);
    const [oldest] = committees.keys();
    if (committees.size > 16 && oldest !== undefined) committees.delete(oldest);
    return decoded.value;
  };

  const struckIn = async (block: Block, epoch: bigint, seatCount: number) => {
    const words = await call(block, registry, 'struck', [epoch]);
    return { epoch, seats: seatsOfWords(words, seatCount) };
  };

  const ruleAt = async (
    block: Block,
    { coverageId, target, rules }: CoveredRules,
  ): Promise<readonly CoveredRule[]> => {
    const { retired, notBefore } = await call(block, registry, 'coverage', [coverageId]);
    if (retired) return [];
    const read = rules.map(async ({ ruleId, name, rule }): Promise<CoveredRule> => {
      const [state, anchor] = await Promise.all([
        call(block, registry, 'ruleState', [coverageId, ruleId]),
        call(block, registry, 'anchor', [coverageId, ruleId]),
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
    const epoch = await call(block, committee, 'epochInForce', [block.height]);
    const [seats, rules] = await Promise.all([
      committeeOf(block, epoch),
      Promise.all(coverages.map((covered) => ruleAt(block, covered))),
    ]);
    const epochs = [...new Set([epoch, former?.epoch ?? epoch])].filter((number) => number !== 0n);
    const seatCount = seats?.seats.length ?? 0;
    const struck = await Promise.all(
      epochs.map((number) =>
        struckIn(block, number, Math.max(seatCount, former?.committee?.seats.length ?? 0)),
      ),
    );
    return { block, epoch, committee: seats, rules: rules.flat(), struck };
  };

  const keep = (known: Known) => {
    states.set(known.state.block.hash, known);
    const [oldest] = states.keys();
    if (states.size > KEPT && oldest !== undefined) states.delete(oldest);
    return known;
  };

  const coveragesIn = (found: readonly RawLog[]): readonly CoveredRules[] =>
    parseEventLogs({
      abi: registryAbi,
      eventName: 'Covered',
      logs: found.filter(isOf(deployment.registry)) as never,
    }).flatMap(({ args }) => {
      const covered = rulesOfCoverage(args);
      if (covered.ok) return [covered.value];
      onIgnored(args.coverageId, covered.code);
      return [];
    });

  const tripsIn = (found: readonly RawLog[]): readonly Trip[] =>
    parseEventLogs({
      abi: registryAbi,
      eventName: 'Incident',
      logs: found.filter(isOf(deployment.registry)) as never,
    }).map((log) => ({
      digest: log.args.digest,
      coverageId: log.args.coverageId,
      ruleId: log.args.ruleId,
      rung: log.args.verdict.rung,
      end: log.args.end,
      submitter: log.args.submitter,
      transaction: (log as unknown as RawLog).transactionHash,
    }));

  /** Everything up to `block`, for a start or after a gap: coverages come from the events alone. */
  const start = async (block: Block): Promise<Known> => {
    const found: RawLog[] = [];
    for (let from = BigInt(deployment.deployedAt); from <= block.height; from += SPAN) {
      const to = from + SPAN - 1n < block.height ? from + SPAN - 1n : block.height;
      found.push(
        ...(await logs({ fromBlock: numberToHex(from), toBlock: numberToHex(to) }, block)),
      );
    }
    const coverages = coveragesIn(found);
    return keep({ state: await readState(block, coverages, null), coverages, touched: true });
  };

  /** State at a block and the trips in it. */
  const at = async (block: Header): Promise<{ state: ChainState; trips: readonly Trip[] }> => {
    const parent = states.get(block.parentHash);
    const found = await logsIn(block);
    const trips = tripsIn(found);
    const touched = found.length > 0;
    if (parent === undefined) return { state: (await start(block)).state, trips };
    // A roster opened in a block is in force from the next one on.
    if (!touched && !parent.touched)
      return {
        state: keep({ ...parent, state: { ...parent.state, block }, touched }).state,
        trips,
      };
    const fresh = coveragesIn(found).filter(
      ({ coverageId }) => !parent.coverages.some((known) => known.coverageId === coverageId),
    );
    const coverages = [...parent.coverages, ...fresh];
    const state = await readState(block, coverages, parent.state);
    const live = new Set(state.rules.map(({ coverageId }) => coverageId));
    return {
      state: keep({
        state,
        coverages: coverages.filter(({ coverageId }) => live.has(coverageId)),
        touched,
      }).state,
      trips,
    };
  };

  return { at };
}

/** `Phase.Armed`. */
const ARMED = 2;

const isOf = (address: Hex) => (log: RawLog) => log.address === address;
