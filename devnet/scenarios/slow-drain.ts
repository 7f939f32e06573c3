import type { Address } from 'viem';
import { playAttack } from '../attack.ts';
import { deployDrainer, leftFor, strike, takeAll } from '../drainer.ts';
import { limits, unit } from '../vault.ts';
import { heldByVault, vaultWorth } from '../worth.ts';
import type { Scenario } from './scenario.ts';

const THIEVES = 3;
/** Brought by each thief: more than the limiter lets out. */
const DOLLARS = 2_000_000n;
/** Eight hundredths of a per cent of the vault. */
const A_BLOCK = 8_000n;
const KEPT_BPS = 8_000;

/** A little leaves each block; then, found out, the thief takes all that the limiter lets out. */
export const slowDrain: Scenario = {
  name: 'slow-drain',
  help: 'a drain too slow for a rule over one block; redemptions are limited (rung 2), and that alone keeps four fifths',
  blockTime: 1,
  vault: { rule: { name: 'share-price-trend', rung: 2, blocks: 16, maxFallBps: 40 } },
  async run(devnet, note) {
    const { chain, vault, people, traffic, coverages } = devnet;
    const from = people.attacker;
    const drainers: Address[] = [];
    for (let index = 0; index < THIEVES; index++)
      drainers.push(await deployDrainer(devnet, from, DOLLARS * unit(vault.asset)));
    // What was brought lately is everybody's own: on the first day of a vault there is little to limit.
    await chain.passTime(limits.period);
    traffic.start();
    await chain.passBlocks(2);
    const slow = strike(A_BLOCK * unit(vault.asset), 2n);
    const outcome = await playAttack(devnet, {
      coverage: coverages.vault,
      rung: 2,
      valueAtRisk: await heldByVault(chain, vault),
      worthAt: async (height) => {
        const worths = drainers.map((drainer) => vaultWorth(chain, vault, drainer, height));
        return (await Promise.all(worths)).reduce((sum, worth) => sum + worth);
      },
      step: async () =>
        (await devnet.rungOf(coverages.vault.target)) === 0
          ? chain.send({ from, to: drainers[0]!, data: slow, outbid: true })
          : takeAll(devnet, from, drainers),
      steps: 20,
      stepsAfterTrip: 6,
    });
    const left = await Promise.all(drainers.map((drainer) => leftFor(devnet, drainer)));
    await traffic.stop();
    const { mined, reverted } = await traffic.tally();
    note(
      `${left.map((amount) => amount / unit(vault.asset)).join(', ')} dollars are left for thieves`,
    );
    note(`${mined} honest transactions went on around the attack, ${reverted} reverted`);
    const limited = outcome.rung === 2 && outcome.valueKeptBps >= KEPT_BPS;
    return {
      ...outcome,
      expectationMet: devnet.canReach(2)
        ? limited
        : outcome.signers === null || outcome.signers === 0,
    };
  },
};
