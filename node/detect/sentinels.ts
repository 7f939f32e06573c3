import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM, Message } from '@ethereumjs/evm';
import {
  bytesToHex,
  concatHex,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  keccak256,
  numberToHex,
  size,
  slice,
} from 'viem';
import { sentinelAbi } from '../../protocol/abi.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import { createLock } from '../lib/lock.ts';
import type { Abstention, Block, Finding, SampledFact } from '../lib/pipeline.ts';

/** Class B rules that a contract judges. */
export type Sentinels = ReturnType<typeof createSentinels>;

/** The response itself may be long, and is not kept. */
type Outcome = Readonly<{ fires: boolean; measure: bigint; responseHash: Hex }> | null;

/** Precompiles of Osaka: warm in every transaction. */
const PRECOMPILES = [...Array.from({ length: 0x11 }, (_, index) => index + 1), 0x100];

/**
 * BLAKE2F and the maps to BLS12-381's curves: 200,000 gas of them take 140 to 420 ms here, in which a node does nothing
 * else. A sentinel that calls one is faulted, on every node.
 */
const TOO_SLOW = [0x09, 0x10, 0x11].map((number) => numberToHex(number, { size: 20 }));

/** Answers kept: rules of many coverages may run one code over the same samples. */
const KEPT = 1_024;

/** Runs `shouldRespond` in an EVM of its own, over a state with nothing in it: whatever it asks for is in its samples. */
export function createSentinels({ chainId }: Readonly<{ chainId: number }>) {
  let evm = newEVM(chainId);
  const lock = createLock();
  const answers = new Map<Hex, Outcome>();

  /** Null when it reverts or runs out. An EVM that failed may still hold a part of what was run: the next run gets another. */
  const run = async (code: Hex, gas: number, input: Hex, block: Block): Promise<Hex | null> => {
    try {
      return await runIn(await evm, code, gas, input, block);
    } catch {
      // A precompile that no sentinel may call, or that this EVM does not have.
      evm = newEVM(chainId);
      return null;
    }
  };

  const judge = async ({ block, covered, code, samples }: SampledFact): Promise<Outcome> => {
    const { gas, codeHash } = covered.rule;
    const input = encodeFunctionData({
      abi: sentinelAbi,
      functionName: 'shouldRespond',
      args: [samples],
    });
    const question = keccak256(
      concatHex([codeHash, numberToHex(gas, { size: 4 }), block.hash, input]),
    );
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = outcomeOf(await lock(() => run(code, gas, input, block)));
    answers.set(question, answer);
    keepNewest(answers, KEPT);
    return answer;
  };

  /** A finding when it fires; its claims are the hashes of all samples and of the response. */
  const detect = async (fact: SampledFact): Promise<Finding | Abstention | null> => {
    const { block, epoch, covered, samples } = fact;
    const { coverageId, ruleId } = covered;
    const outcome = await judge(fact);
    if (outcome === null) return { block, coverageId, ruleId, code: 'FAULTED' };
    if (!outcome.fires) return null;
    const values = [...samples.map((sample) => keccak256(sample)), outcome.responseHash];
    return { block, epoch, covered, values, measure: outcome.measure };
  };

  return { detect };
}

const newEVM = (chainId: number): Promise<EVM> =>
  createEVM({
    common: createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Osaka }),
    customPrecompiles: TOO_SLOW.map((address) => ({ address, function: refuse })),
  });

const refuse = (): never => {
  throw new TypeError('a precompile that sentinels may not call');
};

/** What no code that was scanned can ask for. */
const UNASKED = {
  coinbase: new Message({ gasLimit: 0n }).caller,
  difficulty: 0n,
  prevRandao: new Uint8Array(32),
  gasLimit: 0n,
  baseFeePerGas: 0n,
  getBlobGasPrice: () => 0n,
};

/** As a static call with exactly the rule's gas; nothing is warm from the run before, and nothing that it touched is left. */
async function runIn(
  evm: EVM,
  code: Hex,
  gas: number,
  input: Hex,
  { height, timestamp }: Block,
): Promise<Hex | null> {
  evm.journal.cleanJournal();
  for (const precompile of PRECOMPILES)
    evm.journal.addAlwaysWarmAddress(numberToHex(precompile, { size: 20 }).slice(2));
  await evm.stateManager.checkpoint();
  const { exceptionError, returnValue } = await evm.runCode({
    code: hexToBytes(code),
    data: hexToBytes(input),
    gasLimit: BigInt(gas),
    isStatic: true,
    block: { header: { ...UNASKED, number: height, timestamp } },
  });
  // Every account that is called is remembered, and each call copies all of them.
  await evm.stateManager.revert();
  return exceptionError === undefined ? bytesToHex(returnValue) : null;
}

function outcomeOf(answer: Hex | null): Outcome {
  if (answer === null) return null;
  try {
    const [fires, response] = decodeFunctionResult({
      abi: sentinelAbi,
      functionName: 'shouldRespond',
      data: answer,
    });
    return { fires, measure: measureOf(response), responseHash: keccak256(response) };
  } catch {
    return null;
  }
}

/** The first word of a response; 0 where there is none. */
const measureOf = (response: Hex): bigint =>
  size(response) < 32 ? 0n : BigInt(slice(response, 0, 32));
