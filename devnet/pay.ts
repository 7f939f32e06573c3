import { type Address, encodeFunctionData, zeroAddress, zeroHash } from 'viem';
import { committeeAbi, payrollAbi, termsBookAbi } from '../protocol/abi.ts';
import { evmCertificate } from '../protocol/certificate.ts';
import { isDue, ROLL_CALL, rollCallRoot, STATES } from '../protocol/roll-call.ts';
import type { Signers } from './actors/signers.ts';
import type { Coverage } from './coverage.ts';
import type { Devnet } from './devnet.ts';
import { expected } from './refusal.ts';
import { TOKEN } from './stakes.ts';
import { calls } from './vault.ts';
import { until } from './wait.ts';

/** What a coverage pays for a roll call and for an incident, in whole tokens, and who decides disputes. */
type Terms = Readonly<{ premium?: bigint; fee?: bigint; bounty?: bigint; arbiter?: Address }>;

/** Blocks in which a coverage of the devnet's period is called once at least, but for one chance in a thousand millions. */
const TRIES = 330;

/** Seconds. */
const WEEK = 7 * 86_400;

/**
 * Has the guardian deposit this many tokens with whoever keeps the coverage's pay, and name the terms; they count after
 * so many blocks as are answered.
 */
export async function nameTerms(
  { chain, deployment, guardian: from }: Devnet,
  { coverageId }: Coverage,
  ledger: Address,
  tokens: bigint,
  { premium = 0n, fee = 0n, bounty = 0n, arbiter = zeroAddress }: Terms,
): Promise<bigint> {
  await chain.impersonate(from);
  const act = (to: Address, data: `0x${string}`) => chain.act({ from, to, data });
  const amount = tokens * TOKEN;
  const minter = chain.accounts[0]!;
  await chain.act({ from: minter, to: deployment.token, data: calls.mint(from, amount) });
  await act(deployment.token, calls.approve(ledger));
  // Both ledgers take it alike.
  const deposit = { abi: payrollAbi, functionName: 'deposit', args: [coverageId, amount] } as const;
  await act(ledger, encodeFunctionData(deposit));
  const terms = [coverageId, premium * TOKEN, fee * TOKEN, bounty * TOKEN, arbiter] as const;
  await act(
    deployment.terms,
    encodeFunctionData({ abi: termsBookAbi, functionName: 'name', args: terms }),
  );
  const asked = { address: deployment.terms, abi: termsBookAbi } as const;
  return chain.client.readContract({ ...asked, functionName: 'NOTICE' });
}

/** The same, and has them count. */
export async function promisePay(
  devnet: Devnet,
  ...promise: readonly [Coverage, Address, bigint, Terms]
): Promise<void> {
  const notice = await nameTerms(devnet, ...promise);
  // The block that is signed lies before the newest.
  await devnet.chain.mine(Number(notice) + 2);
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

/** Has the guardian pay this many tokens for a roll call of a coverage in the week before the next epoch. */
export async function payPremium(
  ...paid: readonly [Devnet, Coverage, Signers, bigint]
): Promise<void> {
  await bookPaid(...paid);
  await passWeek(paid[0]);
}

/** Premiums count for stops of later weeks; by then the roster has expired, and a node opens the next epoch. */
async function passWeek({ chain, deployment, ended: signal }: Devnet): Promise<void> {
  const asked = { address: deployment.committee, abi: committeeAbi } as const;
  const latest = () => chain.client.readContract({ ...asked, functionName: 'latestEpoch' });
  const epoch = await latest();
  await chain.passTime(WEEK);
  await until('the next epoch', async () => (await latest()) > epoch, { seconds: 60, signal });
  await chain.passBlocks(2, signal);
}

/** Books a roll call that the seats have signed, for this many tokens. */
async function bookPaid(
  devnet: Devnet,
  coverage: Coverage,
  seats: Signers,
  tokens: bigint,
): Promise<void> {
  const { chain, deployment, people } = devnet;
  const { coverageId, ruleIds } = coverage;
  await promisePay(devnet, coverage, deployment.payroll, tokens, { premium: tokens });
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
