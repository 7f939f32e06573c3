import { type Address, encodeFunctionData, zeroAddress, zeroHash } from 'viem';
import { payrollAbi, termsBookAbi } from '../protocol/abi.ts';
import { evmCertificate } from '../protocol/certificate.ts';
import { isDue, ROLL_CALL, rollCallRoot } from '../protocol/roll-call.ts';
import type { Liar } from './actors/liar.ts';
import type { Coverage } from './coverage.ts';
import type { Devnet } from './devnet.ts';
import { expected } from './refusal.ts';
import { calls } from './vault.ts';

/** Blocks in which a coverage of the devnet's period is called once at least, but for one chance in a thousand millions. */
const TRIES = 90;

const CLEAR = 0;

/** Has the guardian pay this many tokens for a roll call of a coverage, and books one that the held seats have signed. */
export async function payPremium(
  devnet: Devnet,
  coverage: Coverage,
  seats: Liar,
  tokens: bigint,
): Promise<void> {
  const { chain, deployment, guardian: from, people } = devnet;
  const { coverageId, ruleIds } = coverage;
  const premium = tokens * 10n ** 18n;
  await chain.impersonate(from);
  const act = (to: Address, data: `0x${string}`) => chain.act({ from, to, data });
  const pay = { abi: payrollAbi } as const;
  await chain.act({
    from: chain.accounts[0]!,
    to: deployment.token,
    data: calls.mint(from, premium),
  });
  await act(deployment.token, calls.approve(deployment.payroll));
  await act(
    deployment.payroll,
    encodeFunctionData({ ...pay, functionName: 'deposit', args: [coverageId, premium] }),
  );
  const terms = [coverageId, premium, 0n, 0n, zeroAddress] as const;
  await act(
    deployment.terms,
    encodeFunctionData({ abi: termsBookAbi, functionName: 'name', args: terms }),
  );
  const asked = { address: deployment.terms, abi: termsBookAbi } as const;
  const notice = await chain.client.readContract({ ...asked, functionName: 'NOTICE' });
  // The block that is signed lies before the newest.
  await chain.mine(Number(notice) + 2);
  const period = await chain.client.readContract({
    address: deployment.payroll,
    ...pay,
    functionName: 'PERIOD',
  });
  for (let tries = 0; tries < TRIES; tries++) {
    const verdict = await seats.verdictOf({
      coverage,
      ruleId: zeroHash,
      subject: ROLL_CALL,
      rung: 0,
      life: 0,
      claimsRoot: rollCallRoot(ruleIds.map((ruleId) => ({ ruleId, state: CLEAR }))),
    });
    if (!isDue(coverageId, verdict.blockHash, period)) {
      await chain.mine(1);
      continue;
    }
    const args = evmCertificate(seats.certify(verdict));
    const data = encodeFunctionData({ ...pay, functionName: 'bookRollCall', args });
    await chain.act({ from: people.attacker, to: deployment.payroll, data });
    return;
  }
  throw expected('a block at which the coverage is called');
}
