import type { Hex, PublicClient } from 'viem';
import { termsBookAbi } from '../../protocol/abi.ts';

/** Tells whether roll calls of a coverage at a height are paid for. */
export type IsPaid = ReturnType<typeof createIsPaid>;

/** Nobody books what is not, and so nobody need sign it. */
export const createIsPaid =
  (client: PublicClient, terms: Hex) =>
  async (coverageId: Hex, height: bigint): Promise<boolean> => {
    const { premium, fee } = await client.readContract({
      address: terms,
      abi: termsBookAbi,
      functionName: 'termsAt',
      args: [coverageId, height],
    });
    return premium > 0n || fee > 0n;
  };
