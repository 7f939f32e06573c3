import { sitMute } from '../actors/mute.ts';
import { playAttack } from '../attack.ts';
import { deployDrainer, strike } from '../drainer.ts';
import { unit } from '../vault.ts';
import { heldByVault, vaultWorth } from '../worth.ts';
import type { Scenario } from './scenario.ts';

const DOLLARS = 250_000n;
const TIMES = 2n;
const STEPS = 24;

/** Everybody but the smallest watcher is linked, seated, and silent. */
export const oneHonestWatcher: Scenario = {
  name: 'one-honest-watcher',
  help: 'all watchers but one are mute while a vault is drained; the one trips it alone, by storage proofs (rung 3)',
  blockTime: 1,
  actors: (watchers) => Array.from({ length: watchers - 1 }, (_, seat) => seat),
  async run(devnet, note) {
    const { chain, vault, people, traffic, coverages, held, watchers } = devnet;
    const from = people.attacker;
    const leave = await sitMute(devnet, held);
    traffic.start();
    const dollars = DOLLARS * unit(vault.asset);
    const drainer = await deployDrainer(devnet, from, dollars);
    const outcome = await playAttack(devnet, {
      coverage: coverages.vault,
      rung: 3,
      valueAtRisk: await heldByVault(chain, vault),
      worthAt: (height) => vaultWorth(chain, vault, drainer, height),
      step: () => chain.send({ from, to: drainer, data: strike(dollars, TIMES), outbid: true }),
      steps: STEPS,
    });
    await traffic.stop();
    await leave();
    const [honest] = watchers.alive();
    note(`${held.length} watchers said nothing; nobody's weight is behind the trip`);
    const alone = outcome.signers === 0 && outcome.submitter === honest?.keys.address;
    return { ...outcome, expectationMet: outcome.tripped && outcome.rung === 3 && alone };
  },
};
