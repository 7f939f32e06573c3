import assert from 'node:assert/strict';
import { createPublicClient, http } from 'viem';
import { createDisputes, type Disputes } from '../../../node/pay/disputes.ts';
import { createDues } from '../../../node/pay/dues.ts';
import type { Act } from '../../../node/pay/act.ts';
import { createLog } from '../../../node/lib/log.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { startProxy } from '../observe/proxy.ts';
import { BOUNTY, createPayWorld, type PayWorld, PREMIUM } from './support.ts';

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
  const take = async (
    least: bigint,
    blocks: number,
    isSent = true,
    read?: Disputes['read'],
  ): Promise<readonly Act[]> => {
    const account = funded(0).address;
    const own = new Set([world.roster.seats[0]!.keyHash]);
    const earning = { client: anvil.client, deployment: world.deployment, account, own, least };
    const log = createLog({ level: 'silent', format: 'json' });
    const disputes = read === undefined ? createDisputes(earning) : { read };
    const dues = createDues({ ...earning, disputes, log }, { step: 1n });
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

  const silent = () => Promise.reject(new RangeError('no answer'));
  for (const [what, read] of [
    ['nobody tells of disputes', silent],
    ['nobody tells whether a dispute has lapsed', async () => [{ owed: silent, act: silent }]],
  ] as const)
    it(`are taken where ${what}`, async () => {
      await world.call([0, 1, 2]);
      await anvil.test.mine({ blocks: 33 });
      const acts = await take(1n, 1, true, read as unknown as Disputes['read']);
      assert.deepEqual(
        acts.map(({ kind }) => kind),
        ['claim'],
      );
    });

  it('of a dispute are found whatever span of blocks a provider grants', async () => {
    await world.trip([0, 1, 2], world.opinion);
    await world.mine([await world.start(0)], 16);
    await world.dispute(1, 0n, 3n * (BOUNTY / 4n));
    await anvil.test.mine({ blocks: 1_100 });
    const proxy = await startProxy(anvil.url);
    proxy.tamper = ({ method, params: [filter] }, result) => {
      const { fromBlock, toBlock } = (filter ?? {}) as Record<string, string>;
      return method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) > 500 ? null : result;
    };
    const client = createPublicClient({ transport: http(proxy.url, { retryCount: 0 }) });
    const account = funded(1).address;
    const { read } = createDisputes({ client, deployment: world.deployment, account });
    assert.equal((await read(await anvil.client.getBlockNumber())).length, 1);
    await proxy.stop();
  });
});
