import assert from 'node:assert/strict';
import { createDisputes } from '../../../node/pay/disputes.ts';
import { createDues } from '../../../node/pay/dues.ts';
import type { Act } from '../../../node/pay/act.ts';
import { createLog } from '../../../node/lib/log.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { createPayWorld, type PayWorld, PREMIUM } from './support.ts';

const SHARE = PREMIUM / 4n;

describe('dues', () => {
  let anvil: Anvil;
  let world: PayWorld;
  before(async () => {
    anvil = await startAnvil();
    world = await createPayWorld(anvil);
  });
  after(() => anvil.stop());

  /** What seat 0 is owed, asked of as many blocks; an act is sent at once, or none of them is. */
  const take = async (least: bigint, blocks: number, isSent = true): Promise<readonly Act[]> => {
    const account = funded(0).address;
    const own = new Set([world.roster.seats[0]!.keyHash]);
    const earning = { client: anvil.client, deployment: world.deployment, account, own, least };
    const log = createLog({ level: 'silent', format: 'json' });
    const dues = createDues({ ...earning, disputes: createDisputes(earning), log }, { step: 1n });
    const acts: Act[] = [];
    for (let count = 0; count < blocks; count++)
      await dues.look(await world.seen(), async (act) => {
        acts.push(act);
        const { address, abi, functionName, args } = act;
        const call = { address, abi, functionName, args } as const;
        if (isSent)
          await anvil.client.waitForTransactionReceipt({
            hash: await anvil.wallet.writeContract(call),
          });
        return isSent;
      });
    return acts;
  };

  it('are taken in as many steps as it needs, once they are worth it', async () => {
    for (let calls = 0; calls < 3; calls++) await world.call([0, 1, 2]);
    await anvil.test.mine({ blocks: 33 });
    assert.deepEqual(await take(3n * SHARE + 1n, 4), []);
    const purse = await world.purseOf(0);
    const acts = await take(SHARE, 4);
    assert.deepEqual(
      acts.map(({ kind, about }) => [kind, about.owed]),
      [
        ['claim', 2n * SHARE],
        ['claim', SHARE],
        // The last one is settled by whoever has nothing else to claim.
        ['claim', SHARE],
      ],
    );
    assert.equal((await world.purseOf(0)) - purse, 3n * SHARE);
  });

  it('that cannot be sent are left to the next round', async () => {
    await world.call([0, 1, 2]);
    await anvil.test.mine({ blocks: 33 });
    assert.equal((await take(1n, 4, false)).length, 1);
  });
});
