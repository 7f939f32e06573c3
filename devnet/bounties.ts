import { type Address, encodeFunctionData, type Hex } from 'viem';
import { bountiesAbi } from '../protocol/abi.ts';
import { evmRule } from '../protocol/verdict.ts';
import { type Coverage, ruleOf } from './coverage.ts';
import type { Devnet } from './devnet.ts';
import { landingsOf } from './incidents.ts';
import { calls } from './vault.ts';

const abi = bountiesAbi;

/** What a coverage has deposited for its incidents, and what it owes for them. */
export const accountOf = ({ chain, deployment }: Devnet, { coverageId }: Coverage) =>
  chain.client.readContract({
    address: deployment.bounties,
    abi,
    functionName: 'accountOf',
    args: [coverageId],
  });

/** Books what each incident of a coverage owes its signers, as they do. */
export async function bookIncidents(devnet: Devnet, coverage: Coverage): Promise<void> {
  const incidents = await devnet.incidents(coverage, 0n);
  const landings = landingsOf(coverage, incidents);
  const bookings = incidents.map(({ verdict }, index) => {
    const { previous, record, trail } = landings[index]!;
    const args = [verdict, previous, record, trail, evmRule(ruleOf(coverage, verdict))] as const;
    return encodeFunctionData({ abi, functionName: 'bookIncident', args });
  });
  await actAll(devnet, devnet.people.attacker, bookings);
}

/** Has the guardian dispute all that a coverage owes for its incidents, and the arbiter find that it is right. */
export async function takeBack(
  devnet: Devnet,
  coverage: Coverage,
  arbiter: Address,
): Promise<void> {
  const { chain, deployment, guardian } = devnet;
  const { coverageId } = coverage;
  const { entries, owed } = await accountOf(devnet, coverage);
  // A bond is as much as what is disputed.
  const bond = { from: chain.accounts[0]!, to: deployment.token };
  await chain.act({ ...bond, data: calls.mint(guardian, owed) });
  const all = Array.from({ length: entries }, (_, entry) => [coverageId, BigInt(entry)] as const);
  const disputes = all.map((args) => encodeFunctionData({ abi, functionName: 'dispute', args }));
  await actAll(devnet, guardian, disputes);
  const decisions = all.map((args) =>
    encodeFunctionData({ abi, functionName: 'decide', args: [...args, true] }),
  );
  await actAll(devnet, arbiter, decisions);
  // The bonds, which come back.
  const collect = { abi, functionName: 'collect', args: [guardian] } as const;
  await actAll(devnet, guardian, [encodeFunctionData(collect)]);
}

/** In the order given, and in one block where there is room. */
const actAll = ({ chain, deployment }: Devnet, from: Address, data: readonly Hex[]) =>
  Promise.all(data.map((each) => chain.act({ from, to: deployment.bounties, data: each })));
