import { playAttack } from '../attack.ts';
import { deployDrainer, strike } from '../drainer.ts';
import { unit } from '../vault.ts';
import { heldByVault, vaultWorth } from '../worth.ts';
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
    const dollars = DOLLARS * unit(vault.asset);
    const [drainer] = await Promise.all([
      deployDrainer(devnet, from, dollars),
      chain.passBlocks(3),
    ]);
    const outcome = await playAttack(devnet, {
      coverage: coverages.vault,
      rung: 3,
      valueAtRisk: await heldByVault(chain, vault),
      worthAt: (height) => vaultWorth(chain, vault, drainer, height),
      step: () => chain.send({ from, to: drainer, data: strike(dollars, TIMES), outbid: true }),
      steps: 12,
    });
    await traffic.stop();
    const { mined } = await traffic.tally();
    note(`${mined} honest transactions went on around the attack`);
    return outcome;
  },
};
