import { encodeFunctionData } from 'viem';
import { courtAbi, judgeAbi } from '../protocol/abi.ts';
import { falseClaimEvidence, nonSequiturEvidence } from '../protocol/evidence.ts';
import type { Lie } from './actors/liar.ts';
import type { Devnet } from './devnet.ts';
import { landingsOf } from './incidents.ts';
import { refusalOf } from './reverts.ts';

/** Why the judges of claims convict nobody of the lie that its coverage was tripped by first; null where one would. */
export async function refusalsOf(
  devnet: Devnet,
  { coverage, rule, values }: Lie,
): Promise<readonly (string | null)[]> {
  const { chain, people } = devnet;
  const { court, registry } = devnet.deployment;
  const incidents = await devnet.incidents(coverage, 0n);
  const [{ verdict }, landed] = [incidents[0]!, landingsOf(coverage, incidents)[0]!];
  const vouched = { kind: 'incident', verdict, landed } as const;
  const asked = { address: court, abi: courtAbi, functionName: 'judges' } as const;
  const [, falseClaim, nonSequitur] = await chain.client.readContract(asked);
  const shown = [
    [falseClaim!, falseClaimEvidence(registry, vouched, rule, '0x')],
    [nonSequitur!, nonSequiturEvidence(registry, vouched, rule, values)],
  ] as const;
  return Promise.all(
    shown.map(([to, evidence]) => {
      const args = [registry, evidence] as const;
      const data = encodeFunctionData({ abi: judgeAbi, functionName: 'judge', args });
      return refusalOf(chain, { from: people.attacker, to, data });
    }),
  );
}
