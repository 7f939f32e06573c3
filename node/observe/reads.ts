import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  isHex,
  numberToHex,
  size,
} from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { manyAnswers, manyCalls, QUESTION } from './many-calls.ts';

const fault = faults<{
  CALL_INVALID: { functionName: string };
  BLOCK_REPLACED: { block: Hex; height: bigint };
}>();

type Asked = Readonly<{
  input: Hex;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}>;

/** Of one call together: eleven words each, which are the 24,576 bytes that answers may have, and 20 million gas. */
const QUESTIONS = 64;
const TERMS = { gas: 300_000, room: 352 } as const;

const named = z.object({ hash: z.custom<Hex>((value) => isHex(value)) }).nullable();

/** What contracts say at a block hash, as all providers agree on it. */
export type Reads = ReturnType<typeof createReads>;

/**
 * Reads by hash: a block that was dropped is refused or answers for itself, never for its successor. What is asked of
 * one contract in one turn travels as one eth_call: whoever makes a block that touches everything must not cost each
 * provider a request for every rule there is.
 */
export function createReads(providers: Providers) {
  const waiting = new Map<string, Asked[]>();

  const callOf = (block: Block, call: object, parse: (answer: unknown) => unknown) =>
    providers.agreed('eth_call', [call, { blockHash: block.hash }], parse);

  const askTogether = async (block: Block, to: Hex, asked: readonly Asked[]): Promise<void> => {
    const inputs = asked.map(({ input }) => input);
    const [alone] = inputs;
    try {
      const answers =
        inputs.length === 1
          ? [await callOf(block, { to, data: alone }, (answer) => answer)]
          : ((await callOf(
              block,
              {
                data: manyCalls(
                  inputs.map((data) => ({ to, data })),
                  TERMS,
                ),
              },
              (answer) => manyAnswers(answer, inputs.length, TERMS),
            )) as readonly unknown[]);
      asked.forEach(({ resolve }, index) => resolve(answers[index]));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  const ask = (block: Block, to: Hex, input: Hex): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const asked = { input, resolve, reject };
      if (size(input) > QUESTION) return void askTogether(block, to, [asked]);
      const key = `${block.hash}${to}`;
      const gathered = waiting.get(key);
      if (gathered !== undefined) return void gathered.push(asked);
      const all = [asked];
      waiting.set(key, all);
      setImmediate(() => {
        waiting.delete(key);
        for (let from = 0; from < all.length; from += QUESTIONS)
          void askTogether(block, to, all.slice(from, from + QUESTIONS));
      });
    });

  /** For functions that answer with eleven words at most. */
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
    const answer = await ask(block, address, input);
    if (!isHex(answer)) throw fault('CALL_INVALID', { functionName });
    return decoded(functionName, () =>
      decodeFunctionResult({ abi, functionName, args, data: answer } as Parameters<
        typeof decodeFunctionResult
      >[0]),
    ) as ContractFunctionReturnType<A, 'view', N>;
  }

  const code = (block: Block, address: Hex): Promise<Hex> =>
    providers.agreed('eth_getCode', [address, { blockHash: block.hash }], (answer) => {
      if (!isHex(answer)) throw fault('CALL_INVALID', { functionName: 'eth_getCode' });
      return answer.toLowerCase() as Hex;
    });

  /** For what could only be asked by number: throws BLOCK_REPLACED unless the block still has its height. */
  const mustBeCanonical = async ({ hash, height }: Block): Promise<void> => {
    const there = await providers.agreed(
      'eth_getBlockByNumber',
      [numberToHex(height), false],
      (answer) => named.parse(answer)?.hash ?? null,
    );
    if (there !== hash) throw fault('BLOCK_REPLACED', { block: hash, height });
  };

  return { call, code, mustBeCanonical };
}

function decoded<T>(functionName: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw fault('CALL_INVALID', { functionName }, error);
  }
}
