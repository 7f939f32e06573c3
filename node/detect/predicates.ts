import { hash } from 'node:crypto';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex, hexToBytes } from 'viem';
import { predicateAbi } from '../../protocol/abi.ts';
import type { State } from '../../protocol/roll-call.ts';
import type { Rule } from '../../protocol/types.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Abstention, Evaluation, Fact, Finding } from '../lib/pipeline.ts';

/** What predicates stand on. `codeOf` answers the code with that hash or throws. */
export type PredicatesDeps = Readonly<{
  codeOf: (address: Hex, codeHash: Hex) => Promise<Hex>;
  /** Told of each evaluation that was not answered from memory. */
  onRun?: () => void;
}>;

/** Class A rules over facts. */
export type Predicates = ReturnType<typeof createPredicates>;

/** With so many times a rule's gas the court asks once more what has faulted, and with that part of it what is said to have. */
const GAS_MARGIN = 8;
/** Answers kept: what a predicate is asked seldom changes from a block to the next. */
const KEPT = 8_192;

/** Runs predicates in an EVM of its own: what a provider says of a pure function is not needed. */
export function createPredicates({ codeOf, onRun = () => undefined }: PredicatesDeps) {
  const evm = createEVM({ common: new Common({ chain: Mainnet, hardfork: Hardfork.Osaka }) });

  type Outcome = Readonly<{ fires: boolean; measure: bigint }> | null;
  const answers = new Map<string, Outcome>();

  /** A pure function of code, gas and input: the same question is answered from memory. */
  const evaluate = async (
    { codeHash, gas, params }: Rule,
    code: Hex,
    { at, before }: Evaluation,
  ): Promise<Outcome> => {
    const question = hash('sha256', [codeHash, gas, params, at, before].join(' '), 'base64');
    const known = answers.get(question);
    if (known !== undefined) return known;
    onRun();
    const input = encodeFunctionData({
      abi: predicateAbi,
      functionName: 'evaluate',
      args: [params, at, before],
    });
    const answer = await run(code, gas, input);
    answers.set(question, answer);
    keepNewest(answers, KEPT);
    return answer;
  };

  /** As a static call with exactly the rule's gas; null when it reverts, runs out or answers rubbish. */
  const run = async (code: Hex, gas: number, input: Hex): Promise<Outcome> => {
    const result = await (await evm).runCode({
      code: hexToBytes(code),
      data: hexToBytes(input),
      gasLimit: BigInt(gas),
      isStatic: true,
    });
    if (result.exceptionError !== undefined || result.returnValue.length !== 64) return null;
    try {
      const [fires, measure] = decodeFunctionResult({
        abi: predicateAbi,
        functionName: 'evaluate',
        data: bytesToHex(result.returnValue),
      });
      return { fires, measure };
    } catch {
      return null;
    }
  };

  /** What a rule says of values: what it says of the newest, where it does not fire, else of those before. */
  const judge = async (
    rule: Rule,
    code: Hex,
    evaluations: readonly Evaluation[],
  ): Promise<Readonly<{ state: State; measure: bigint }>> => {
    let measure = 0n;
    for (const [index, evaluation] of evaluations.entries()) {
      const outcome = await evaluate(rule, code, evaluation);
      if (outcome === null) return { state: 'faulted', measure };
      if (!outcome.fires) return { state: 'clear', measure };
      if (index === 0) measure = outcome.measure;
    }
    return { state: 'firing', measure };
  };

  /** A finding when the predicate holds at every block the rule asks about; the measure is the newest one's. */
  const detect = async (fact: Fact): Promise<Finding | Abstention | null> => {
    const { block, epoch, covered, evaluations } = fact;
    const { code, codeHash } = covered.rule;
    const abstain = (reason: string): Abstention => ({
      block,
      coverageId: covered.coverageId,
      ruleId: covered.ruleId,
      code: reason,
    });
    let bytes: Hex;
    try {
      bytes = await codeOf(code, codeHash);
    } catch {
      return abstain('CODE_UNAVAILABLE');
    }
    const { state, measure } = await judge(covered.rule, bytes, evaluations);
    if (state === 'clear') return null;
    if (state === 'faulted') return abstain('FAULTED');
    const values = evaluations.flatMap(({ at, before }) => [...at, ...before]);
    return { block, epoch, covered, values, measure };
  };

  /**
   * Whether somebody can have seen a rule in a state, by what gas costs now or cost then: the court convicts nobody who
   * can. Throws where the code is not to be had.
   */
  const mayBe = async (
    state: State,
    rule: Rule,
    evaluations: readonly Evaluation[],
  ): Promise<boolean> => {
    const code = await codeOf(rule.code, rule.codeHash);
    const given = async (gas: number) => (await judge({ ...rule, gas }, code, evaluations)).state;
    if (state === 'faulted') return (await given(Math.floor(rule.gas / GAS_MARGIN))) === state;
    const found = await given(rule.gas);
    return (found === 'faulted' ? await given(GAS_MARGIN * rule.gas) : found) === state;
  };

  return { detect, mayBe };
}
