import { encodeDeployData, encodeFunctionData } from 'viem';
import { leakyVaultAbi, vaultDrainerAbi, vaultDrainerBytecode } from '../../protocol/abi.ts';
import { playAttack } from '../attack.ts';
import { centsOf } from '../accounting.ts';
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
    traffic.start();
    await chain.passBlocks(4);
    const from = people.attacker;
    const hash = await chain.admin.request({
      method: 'eth_sendTransaction',
      params: [
        {
          from,
          data: encodeDeployData({
            abi: vaultDrainerAbi,
            bytecode: vaultDrainerBytecode,
            args: [vault.address],
          }),
        },
      ],
    });
    const { contractAddress: drainer } = await chain.client.waitForTransactionReceipt({ hash });
    await chain.act({
      from,
      to: vault.asset.token,
      data: calls.mint(drainer!, DOLLARS * unit(vault.asset)),
    });

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
      worthAt: (height) => vaultWorth(chain, vault, drainer!, height),
      step: () => chain.send({ from, to: drainer!, data: strike, outbid: true }),
      steps: 12,
    });
    await traffic.stop();
    const { mined } = await traffic.tally();
    note(`${mined} honest transactions went on around the attack`);
    return outcome;
  },
};
