import { BaseError, ContractFunctionRevertedError, type Hex } from 'viem';
import { breakerAbi } from '../../protocol/abi.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { refuse } from '../lib/refusal.ts';
import type { Network } from './options.ts';

/** What the hub gives a target. */
const TARGET_GAS = 1_000_000n;

/**
 * Simulates what the hub would do to the target, once for each rung: a role that was never granted, a rung that the
 * target does not know or too little gas would else be found out in an attack. A target of another hub is the chain's
 * to refuse.
 */
export async function rehearse({ client, deployment }: Network, manifest: Manifest) {
  const target = { address: manifest.target, abi: breakerAbi } as const;
  const hub = await client
    .readContract({ ...target, functionName: 'hub' })
    .catch((): Hex | null => null);
  if (hub?.toLowerCase() !== deployment.hub.toLowerCase()) return;
  const { timestamp } = await client.getBlock();
  for (const [index, { rung, life }] of manifest.rules.entries())
    await client
      .simulateContract({
        ...target,
        functionName: 'trip',
        args: [rung, timestamp + BigInt(life)],
        account: deployment.hub,
        gas: TARGET_GAS,
      })
      .catch((error: unknown) => {
        throw refuse(
          'MANIFEST_INVALID',
          {
            field: `rules.${index}.rung`,
            problem: `the target cannot be tripped at rung ${rung}: ${reasonOf(error)}`,
            fix: 'grant the target its role, or give the rule a rung that the target knows',
          },
          error,
        );
      });
}

/** The error of the target in one word where it has one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof BaseError)) throw error;
  const reverted = error.walk((step) => step instanceof ContractFunctionRevertedError);
  const named = reverted instanceof ContractFunctionRevertedError ? reverted : null;
  return named?.data?.errorName ?? named?.reason ?? error.shortMessage;
}
