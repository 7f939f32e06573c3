import { type Address, encodeFunctionData, zeroAddress, zeroHash } from 'viem';
import { payrollAbi, termsBookAbi } from '../protocol/abi.ts';
import { evmCertificate } from '../protocol/certificate.ts';
import { isDue, ROLL_CALL, rollCallRoot, STATES } from '../protocol/roll-call.ts';
import type { Liar } from './actors/liar.ts';
import type { Coverage } from './coverage.ts';
import type { Devnet } from './devnet.ts';
import { expected } from './refusal.ts';
import { calls } from './vault.ts';

/** Blocks in which a coverage of the devnet's period is called once at least, but for one chance in a thousand millions. */
const TRIES = 330;

/** What a coverage pays for a roll call, and has deposited, in whole tokens. */
type Pay = Readonly<{ premium: bigint; fee: bigint; deposit: bigint }>;

/** Has the guardian deposit and name terms; they are in force after so many blocks more. */
export async function nameTerms(
  devnet: Devnet,
  { coverageId }: Coverage,
  pay: Pay,
): Promise<bigint> {
  const { chain, deployment, guardian: from } = devnet;
  const [premium, fee, deposit] = [pay.premium, pay.fee, pay.deposit].map(
    (tokens) => tokens * 10n ** 18n,
  ) as [bigint, bigint, bigint];
  await chain.impersonate(from);
  const act = (to: Address, data: `0x${string}`) => chain.act({ from, to, data });
  await chain.act({
    from: chain.accounts[0]!,
    to: deployment.token,
    data: calls.mint(from, deposit),
  });
  await act(deployment.token, calls.approve(deployment.payroll));
  const args = [coverageId, deposit] as const;
  await act(
    deployment.payroll,
    encodeFunctionData({ abi: payrollAbi, functionName: 'deposit', args }),
  );
  const terms = [coverageId, premium, fee, 0n, zeroAddress] as const;
  await act(
    deployment.terms,
    encodeFunctionData({ abi: termsBookAbi, functionName: 'name', args: terms }),
  );
  const asked = { address: deployment.terms, abi: termsBookAbi } as const;
  return chain.client.readContract({ ...asked, functionName: 'NOTICE' });
}

/** How many roll calls of a coverage were booked; the stake behind the latest, all of it, and its age in blocks. */
export async function rollCallsOf({ chain, deployment }: Devnet, { coverageId }: Coverage) {
  const asked = { address: deployment.payroll, abi: payrollAbi, args: [coverageId] } as const;
  const [{ entries }, [signed, total, age]] = await Promise.all([
    chain.client.readContract({ ...asked, functionName: 'accountOf' }),
    chain.client.readContract({ ...asked, functionName: 'attestedStake' }),
  ]);
  return { booked: entries, signed, total, age };
}

/** Has the guardian pay this many tokens for a roll call of a coverage, and books one that the held seats have signed. */
export async function payPremium(
  devnet: Devnet,
  coverage: Coverage,
  seats: Liar,
  tokens: bigint,
): Promise<void> {
  const { chain, deployment, people } = devnet;
  const { coverageId, ruleIds } = coverage;
  const notice = await nameTerms(devnet, coverage, { premium: tokens, fee: 0n, deposit: tokens });
  // The block that is signed lies before the newest.
  await chain.mine(Number(notice) + 1);
  const period = await chain.client.readContract({
    address: deployment.payroll,
    abi: payrollAbi,
    functionName: 'PERIOD',
  });
  const clear = ruleIds.map((ruleId) => ({ ruleId, state: STATES.clear }));
  for (let tries = 0; tries < TRIES; tries++) {
    const verdict = await seats.verdictOf({
      coverage,
      ruleId: zeroHash,
      subject: ROLL_CALL,
      rung: 0,
      life: 0,
      claimsRoot: rollCallRoot(clear),
    });
    if (!isDue(coverageId, verdict.blockHash, period)) {
      await chain.mine(1);
      continue;
    }
    const [said, certificate] = evmCertificate(seats.certify(verdict));
    const args = [said, ruleIds, clear.map(({ state }) => state), certificate] as const;
    const data = encodeFunctionData({ abi: payrollAbi, functionName: 'bookRollCall', args });
    await chain.act({ from: people.attacker, to: deployment.payroll, data });
    return;
  }
  throw expected('a block at which the coverage is called');
}
