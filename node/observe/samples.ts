import { decodeAbiParameters, type Hex, size } from 'viem';
import { scanCode } from '../../protocol/code-scan.ts';
import { faults } from '../../protocol/fault.ts';
import {
  COLLECT_GAS,
  COLLECT_INTRINSIC_GAS,
  MAX_SAMPLE_BYTES,
  samplesOf,
  sentinelAddress,
} from '../../protocol/sentinel.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Abstention, Block, ChainState, CoveredRule, SampledFact } from '../lib/pipeline.ts';
import { inOrder } from '../lib/rule-order.ts';
import { abstention, codeOfFault, isBeforeArming } from './arming.ts';
import type { Asking } from './asking.ts';
import type { Blocks } from './blocks.ts';
import type { Probe } from './probe.ts';

const fault = faults<{ OVERRIDE_IGNORED: { to: Hex } }>();

/** Blocks whose samples are kept: the longest window, and what reorgs leave behind. */
const KEPT = 128;
/** Samples collected for a block, of one coverage and in all: its own first, then what windows lack. */
const COLLECTED = { perCoverage: 16, inAll: 64 } as const;
/** Sentinels that are looked at in a block. */
const RULES = 256;
/** Codes whose scan is remembered. */
const SCANNED = 1_024;
/** `collect()`. */
const COLLECT: Hex = '0xe5225381';
/** Two words, then the sample in whole words: a longer answer is none. */
const TERMS = { gas: COLLECT_GAS - COLLECT_INTRINSIC_GAS, room: 64 + MAX_SAMPLE_BYTES } as const;

/** What samples are read with. `codeOf` answers the code with that hash or throws. */
export type SamplesDeps = Readonly<{
  ask: Asking;
  blocks: Pick<Blocks, 'ancestor'>;
  codeOf: (address: Hex, codeHash: Hex) => Promise<Hex>;
  probe: Probe;
}>;

/** Reads what sentinels collect. */
export type Samples = ReturnType<typeof createSamples>;

/** A sample of a block, null where it is faulted; all honest watchers agree on either. */
type Sample = Promise<Hex | null>;
type Plan = Readonly<{ covered: CoveredRule; code: Hex; window: readonly Block[] }>;

/**
 * Each sample is pinned to a block hash, and a window follows parent hashes. All that a block asks for travels in one
 * batch; two rules that run the same code ask once.
 */
export function createSamples({ ask, blocks, codeOf, probe }: SamplesDeps) {
  const kept = new Map<Hex, Map<string, Sample>>();
  const scanned = new Map<Hex, boolean>();

  /** The hash is that of the code. */
  const isClean = (codeHash: Hex, code: Hex): boolean => {
    const known = scanned.get(codeHash);
    if (known !== undefined) return known;
    const { ok } = scanCode('sentinel', code);
    scanned.set(codeHash, ok);
    keepNewest(scanned, SCANNED);
    return ok;
  };

  const samplesAt = (block: Block): Map<string, Sample> => {
    const known = kept.get(block.hash);
    if (known !== undefined) return known;
    const samples = new Map<string, Sample>();
    kept.set(block.hash, samples);
    keepNewest(kept, KEPT);
    return samples;
  };

  const collect = (block: Block, { covered, code }: Plan): Sample => {
    const samples = samplesAt(block);
    const key = keyOf(covered);
    const to = sentinelAddress(covered.rule);
    // What is deployed cannot change, and is not sent along.
    const codes = covered.bytecode === null ? undefined : { [to]: code };
    const sample = ask(block, [{ to, data: COLLECT }], TERMS, codes).then(([answer]) => {
      // Nothing at all is what an account without code answers: the provider did not take the code.
      if (answer === '0x' && codes !== undefined) throw fault('OVERRIDE_IGNORED', { to });
      return sampleOf(answer ?? null);
    });
    samples.set(key, sample);
    sample.catch(() => samples.delete(key));
    return sample;
  };

  const known = (block: Block, { covered }: Plan): Sample | undefined =>
    kept.get(block.hash)?.get(keyOf(covered));

  /** The block and those before it, newest first; fewer where the chain does not reach. */
  const windowOf = async (block: Block, count: number): Promise<readonly Block[]> => {
    const window = [block];
    while (window.length < count) {
      const parent = await blocks.ancestor(window.at(-1)!, 1);
      if (parent === null) break;
      window.push(parent);
    }
    return window;
  };

  /** Code that fails the scan is never run. */
  const planOf = async (block: Block, covered: CoveredRule): Promise<Plan | Abstention> => {
    if (isBeforeArming(block, covered)) return abstention(block, covered, 'BEFORE_ARMING');
    const { rule, bytecode } = covered;
    try {
      const code = bytecode ?? (await codeOf(rule.code, rule.codeHash));
      if (!isClean(rule.codeHash, code)) return abstention(block, covered, 'FAULTED_CODE');
      return { covered, code, window: await windowOf(block, samplesOf(rule)) };
    } catch (error) {
      return abstention(block, covered, codeOfFault(error));
    }
  };

  /** Asks for what is not known yet, as long as there is room: the newest of all rules before the older of any. */
  const collectAll = (plans: readonly Plan[]): void => {
    const counts = new Map<Hex, number>();
    let all = 0;
    const begin = (block: Block, plan: Plan) => {
      const { coverageId } = plan.covered;
      const count = counts.get(coverageId) ?? 0;
      const isFull = count >= COLLECTED.perCoverage || all >= COLLECTED.inAll;
      if (isFull || known(block, plan) !== undefined) return;
      counts.set(coverageId, count + 1);
      all++;
      void collect(block, plan);
    };
    for (const plan of plans) begin(plan.window[0]!, plan);
    for (const plan of plans) for (const block of plan.window.slice(1)) begin(block, plan);
  };

  const factOf = async (
    { block, epoch }: ChainState,
    plan: Plan,
  ): Promise<SampledFact | Abstention> => {
    const { covered, code, window } = plan;
    const found = window.map((at) => known(at, plan)).filter((sample) => sample !== undefined);
    const count = samplesOf(covered.rule);
    if (window.length < count) return abstention(block, covered, 'SAMPLE_MISSING');
    if (found.length < count) return abstention(block, covered, 'OVERLOADED');
    try {
      const all = await Promise.all(found);
      const samples = all.filter((sample) => sample !== null);
      if (samples.length < all.length) return abstention(block, covered, 'FAULTED');
      return { block, epoch, covered, code, samples };
    } catch (error) {
      return abstention(block, covered, codeOfFault(error));
    }
  };

  /** One fact or one abstention a sentinel, those that matter most first. */
  const read = async (
    state: ChainState,
  ): Promise<{ facts: readonly SampledFact[]; abstentions: readonly Abstention[] }> => {
    const all = inOrder(state.rules.filter(({ kind }) => kind === 'sentinel'));
    const rules = all.slice(0, RULES);
    const left = all.slice(RULES).map((rule) => abstention(state.block, rule, 'OVERLOADED'));
    try {
      if (rules.length > 0) await probe(state.block);
    } catch (error) {
      const code = codeOfFault(error);
      const unheard = rules.map((rule) => abstention(state.block, rule, code));
      return { facts: [], abstentions: [...unheard, ...left] };
    }
    const planned = await Promise.all(rules.map((covered) => planOf(state.block, covered)));
    const plans = planned.filter((item) => 'window' in item);
    collectAll(plans);
    const found = await Promise.all(plans.map((plan) => factOf(state, plan)));
    const read = [...planned, ...found];
    return {
      facts: read.filter((item) => 'samples' in item),
      abstentions: [...read.filter((item) => 'coverageId' in item), ...left],
    };
  };

  return { read };
}

const keyOf = ({ rule }: CoveredRule) => `${sentinelAddress(rule)}${rule.codeHash}`;

/** `bytes` of an answer; null when it is none or too long. */
function sampleOf(answer: Hex | null): Hex | null {
  if (answer === null) return null;
  try {
    const [sample] = decodeAbiParameters([{ type: 'bytes' }], answer);
    return size(sample) > MAX_SAMPLE_BYTES ? null : sample;
  } catch {
    return null;
  }
}
