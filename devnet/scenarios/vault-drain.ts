import { type Address, encodeDeployData, encodeFunctionData } from 'viem';
import { leakyVaultAbi, vaultDrainerAbi, vaultDrainerBytecode } from '../../protocol/abi.ts';
import { playAttack } from '../attack.ts';
import { centsOf } from '../accounting.ts';
import type { Devnet } from '../devnet.ts';
import { calls, unit } from '../vault.ts';
import { vaultWorth } from '../worth.ts';
import type { Scenario } from './scenario.ts';

const DOLLARS = 250_000n;
const TIMES = 3n;

/** Shares of the guarded vault are redeemed above their backing, block after block. */
export const vaultDrain: Scenario = {
  name: 'vault-drain',
  help: 'a reentrant redeemer is paid three times for its shares; redemptions are paused (rung 3)',
  blockTime: 1,
  async run(devnet, note) {
    const { chain, vault, people, traffic, coverages } = devnet;
    const from = people.attacker;
    traffic.start();
    const [drainer] = await Promise.all([deployDrainer(devnet, from), chain.passBlocks(3)]);

    const assets = await chain.client.readContract({
      address: vault.address,
      abi: leakyVaultAbi,
      functionName: 'totalAssets',
    });
    const strike = encodeFunctionData({
      abi: vaultDrainerAbi,
      functionName: 'strike',
      args: [DOLLARS * unit(vault.asset), TIMES],
    });
    const outcome = await playAttack(devnet, {
      coverage: coverages.vault,
      rung: 3,
      valueAtRisk: centsOf(assets, vault.asset.decimals, vault.asset.price),
      worthAt: (height) => vaultWorth(chain, vault, drainer, height),
      step: () => chain.send({ from, to: drainer, data: strike, outbid: true }),
      steps: 12,
    });
    await traffic.stop();
    const { mined } = await traffic.tally();
    note(`${mined} honest transactions went on around the attack`);
    return outcome;
  },
};

/** The thief's contract, with the dollars it needs to be a shareholder. */
async function deployDrainer({ chain, vault }: Devnet, from: Address): Promise<Address> {
  const data = encodeDeployData({
    abi: vaultDrainerAbi,
    bytecode: vaultDrainerBytecode,
    args: [vault.address],
  });
  const hash = await chain.admin.request({
    method: 'eth_sendTransaction',
    params: [{ from, data }],
  });
  const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash });
  const drainer = contractAddress!;
  await chain.act({
    from,
    to: vault.asset.token,
    data: calls.mint(drainer, DOLLARS * unit(vault.asset)),
  });
  return drainer;
}
