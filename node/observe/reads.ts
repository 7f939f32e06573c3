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
} from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';

const fault = faults<{
  CALL_INVALID: { functionName: string };
  BLOCK_REPLACED: { block: Hex; height: bigint };
}>();

const named = z.object({ hash: z.custom<Hex>((value) => isHex(value)) }).nullable();

/** What contracts say at a block hash, as all providers agree on it. */
export type Reads = ReturnType<typeof createReads>;

/** Reads by hash: a block that was dropped is refused or answers for itself, never for its successor. */
export function createReads(providers: Providers) {
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
