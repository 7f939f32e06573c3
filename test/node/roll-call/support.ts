import { type Hex, zeroAddress } from 'viem';
import { payrollAbi, termsBookAbi, tokenAbi } from '../../../protocol/abi.ts';
import { sign } from '../../../protocol/bls.ts';
import { type Leaf, rollCallOf, STATES } from '../../../protocol/roll-call.ts';
import type { Attestation, Domain, Verdict } from '../../../protocol/types.ts';
import { ruleId, verdictDigest } from '../../../protocol/verdict.ts';
import type { Roll } from '../../../node/lib/pipeline.ts';
import type { Anvil } from '../anvil.ts';
import { blsSecret, type Network } from '../submit/network.ts';

/** What a coverage of these tests pays for a roll call that all have signed, of a stake of 1,600. */
export const [PREMIUM, FEE, DEPOSIT] = [16_000n, 1_600n, 1_000_000n];

/** Has a coverage pay its watchers from the newest block on. */
export async function pay({ wallet, client, test }: Anvil, network: Network, coverageId: Hex) {
  const { token, payroll, terms } = network;
  const mined = async (hash: Hex) => void (await client.waitForTransactionReceipt({ hash }));
  const money = { address: token, abi: tokenAbi } as const;
  const mint = [wallet.account.address, DEPOSIT] as const;
  await mined(await wallet.writeContract({ ...money, functionName: 'mint', args: mint }));
  const allow = [payroll, DEPOSIT] as const;
  await mined(await wallet.writeContract({ ...money, functionName: 'approve', args: allow }));
  await mined(
    await wallet.writeContract({
      address: payroll,
      abi: payrollAbi,
      functionName: 'deposit',
      args: [coverageId, DEPOSIT],
    }),
  );
  await mined(
    await wallet.writeContract({
      address: terms,
      abi: termsBookAbi,
      functionName: 'name',
      args: [coverageId, PREMIUM, FEE, 0n, zeroAddress],
    }),
  );
  await test.mine({ blocks: 33 });
}

/** The stake behind a coverage's latest roll call, all of it, and its age. */
export const attested = ({ client }: Anvil, { payroll }: Network, coverageId: Hex) =>
  client.readContract({
    address: payroll,
    abi: payrollAbi,
    functionName: 'attestedStake',
    args: [coverageId],
  });

/** A roll call of the network's coverage at the newest block. */
export async function rollAt({ client }: Anvil, network: Network, state = STATES.clear as number) {
  const { number: height, hash, parentHash, timestamp, stateRoot } = await client.getBlock();
  const { chainId } = network.domain;
  const block = { chainId, height, hash, parentHash, timestamp, stateRoot };
  const leaves: readonly Leaf[] = [{ ruleId: ruleId(network.rule), state }];
  const ruleIds = leaves.map((leaf) => leaf.ruleId);
  const { coverageId } = network;
  const roll: Roll = { block, epoch: 1n, coverageId, ruleIds, leaves };
  return { roll, verdict: rollCallOf(roll) };
}

/** What a seat says of a verdict. */
export const saidBy = (domain: Domain, verdict: Verdict, seat: number): Attestation => ({
  verdict,
  seat,
  signature: sign(blsSecret(seat), verdictDigest(domain, verdict)),
});
