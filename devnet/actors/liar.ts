import { encodeFunctionData, type Hex } from 'viem';
import { registryAbi } from '../../protocol/abi.ts';
import { evmCertificate } from '../../protocol/certificate.ts';
import type { Attestation, Rule, Verdict } from '../../protocol/types.ts';
import { claimsRoot, ruleId } from '../../protocol/verdict.ts';
import type { Coverage } from '../coverage.ts';
import type { Devnet } from '../devnet.ts';
import { refusalOf } from '../reverts.ts';
import type { HeldSeat } from './held.ts';
import { createSigners } from './signers.ts';

/** Values that a rule of a coverage is to have seen. */
export type Lie = Readonly<{ coverage: Coverage; rule: Rule; values: readonly Hex[] }>;

/** Seats that sign together what none of them has seen, and hand it in. */
export type Liar = ReturnType<typeof createLiar>;

export function createLiar(devnet: Devnet, held: readonly HeldSeat[]) {
  const { chain, deployment, people } = devnet;
  const signers = createSigners(devnet, held);

  const submission = (verdict: Verdict, others: readonly Attestation[] = []) => ({
    from: people.attacker,
    to: deployment.registry,
    data: encodeFunctionData({
      abi: registryAbi,
      functionName: 'submit',
      args: evmCertificate(signers.certify(verdict, others)),
    }),
  });

  return {
    /** What an honest watcher would sign if the values were true. */
    verdictOf: ({ coverage, rule, values }: Lie): Promise<Verdict> => {
      const { rung, life } = rule;
      const said = { ruleId: ruleId(rule), rung, life, claimsRoot: claimsRoot(values) };
      return signers.verdictOf({ coverage, ...said });
    },
    /** Signs it and submits it, with what others have signed of it; the block of the trip. */
    trip: async (verdict: Verdict, others?: readonly Attestation[]): Promise<bigint> =>
      (await chain.act(submission(verdict, others))).blockNumber,
    /** The name of the error with which the registry refuses it; null where it would take it. */
    refusal: (verdict: Verdict): Promise<string | null> => refusalOf(chain, submission(verdict)),
  };
}
