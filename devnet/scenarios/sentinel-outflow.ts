import { playAttack } from '../attack.ts';
import { centsOf } from '../accounting.ts';
import { deployRouter, pay, responds, routerManifest, SAMPLES } from '../router.ts';
import { reserve, unit } from '../vault.ts';
import { heldWorth } from '../worth.ts';
import type { Scenario } from './scenario.ts';

/** Dollars of each wallet, and what the thief takes from one a block: a hundredth of them all. */
const DOLLARS = 50_000n;
const SLICE = 8_000n;
const HONEST = 100n;

/** Wallets are emptied through a router they approved, a little each block. */
export const sentinelOutflow: Scenario = {
  name: 'sentinel-outflow',
  help: 'wallets are emptied slowly through a router they approved; a sentinel in Solidity limits it (rung 2)',
  blockTime: 1,
  async run(devnet, note) {
    const { chain, market, people, guardian, deployment, traffic } = devnet;
    const usdc = reserve(market, 'USDC');
    const wallets = chain.accounts.slice(20, 28);
    const parties = { hub: deployment.hub, guardian, wallets };
    const router = await deployRouter(chain, parties, usdc, DOLLARS * unit(usdc));
    const coverage = await devnet.cover(routerManifest(router));
    traffic.start();
    await chain.passBlocks(SAMPLES + 1);

    const from = people.attacker;
    const worthOf = (height: bigint) => heldWorth(chain, usdc, [from], height);
    const atRisk = await heldWorth(chain, usdc, wallets, await chain.height());
    const outcome = await playAttack(devnet, {
      coverage,
      rung: 2,
      valueAtRisk: atRisk,
      worthAt: worthOf,
      startsAt: (height) => responds(chain, router, height),
      step: async (index) => {
        const victim = wallets[index % wallets.length]!;
        const honest = wallets[(index + 1) % wallets.length]!;
        const to = router.address;
        await chain.send({ from, to, data: pay(victim, from, SLICE * unit(usdc)), outbid: true });
        const data = pay(honest, people.whale, HONEST * unit(usdc));
        await chain.send({ from: honest, to, data });
      },
      steps: 40,
    });
    await traffic.stop();
    const slice = centsOf(SLICE * unit(usdc), usdc.decimals, usdc.price);
    note(`the thief took ${slice / 100n} dollars a block, counted once the window shows it`);
    return outcome;
  },
};
