import assert from 'node:assert/strict';
import { concatHex, getAddress, type Hex, numberToHex } from 'viem';
import { breakerHubAbi } from '../../../protocol/abi.ts';
import type { Deployment } from '../../../protocol/deployment.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { startProxy } from '../observe/proxy.ts';
import { importOperator, place, placeToken, placeVault, signedBy } from './network.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

type Tripped = Readonly<{
  coverageId: Hex;
  target: Hex;
  ruleId: Hex;
  height: string;
  rung: number;
  end: string;
  gasUsed: string;
  cost: string;
  refund: string;
}>;

const [ASSETS, SUPPLY] = [1, 2];
/** Stores the second word it is sent in the slot named by the first. */
const SLOTS = '0x666020355f3555005f5260076019f3';
const word = (value: number): Hex => numberToHex(value, { size: 32 });

describe('tocsin cover trip', () => {
  let anvil: Anvil;
  let folder: Folder;
  let deployment: Deployment;
  let target: Hex;
  let slots: Hex;
  let snapshot: Hex;
  const on = (rpc = anvil.url) => ['--deployment', folder.at('deployment.json'), '--rpc', rpc];
  const apply = (...more: string[]) =>
    tocsin([
      ...['cover', 'apply', folder.at('vault.json'), ...on(), ...signedBy(folder, 'one'), '--json'],
      ...more,
    ]);
  /** Anybody's account: that of the second operator. */
  const trip = (rule: string, ...more: string[]) =>
    tocsin(['cover', 'trip', target, rule, ...on(), ...signedBy(folder, 'two'), ...more]);
  const write = async (slot: number, value: number) => {
    const data = concatHex([word(slot), word(value)]);
    const hash = await anvil.wallet.sendTransaction({ to: slots, data });
    return (await anvil.client.waitForTransactionReceipt({ hash })).blockNumber;
  };
  const sent = () => anvil.client.getTransactionCount({ address: funded(1).address });
  const rung = () =>
    anvil.client.readContract({
      address: deployment.hub,
      abi: breakerHubAbi,
      functionName: 'rungOf',
      args: [target],
    });

  before(async () => {
    [anvil, folder] = await Promise.all([startAnvil(), createFolder()]);
    await importOperator(folder, 'one', 0);
    await importOperator(folder, 'two', 1);
    const token = await placeToken(anvil, 1);
    const out = ['--out', folder.at('deployment.json'), '--rule-delay', '0', '--json'];
    const flags = ['--rpc', anvil.url, '--token', token, ...out, ...signedBy(folder, 'one')];
    deployment = printed(await tocsin(['deploy', ...flags]));
    const placed = await placeVault(anvil, deployment);
    target = placed.target;
    slots = await place(anvil, { abi: [], bytecode: SLOTS, args: [] });
    const { rules, ...manifest } = placed.manifest as { rules: readonly object[] };
    const since = { name: 'since-arming', reference: { kind: 'anchor' } };
    const held = { name: 'held', reference: { kind: 'lookback', blocks: 3 }, hold: 2 };
    const opinion = {
      kind: 'detector',
      name: 'shares',
      class: 'B',
      family: 'share-price',
      rung: 2,
      life: 600,
      detector: 'share-price@1.0.0',
      startBlock: 0,
      lookback: 1,
      parameters: { vault: target, maxFallBps: 200 },
    };
    const reads = [ASSETS, SUPPLY].map((slot) => ({ account: slots, slot: word(slot) }));
    const price = { ...rules[0], slots: reads };
    const all = [price, { ...price, ...since }, { ...price, ...held }, opinion];
    await folder.write('vault.json', JSON.stringify({ ...manifest, rules: all }));
    await write(ASSETS, 1000);
    await write(SUPPLY, 10);
    await anvil.test.mine({ blocks: 10 });
    printed(await apply('--fund', '1'));
    assertRefused(await trip('share-price'), 'rule share-price: is in shadow, and trips nothing');
    printed(await apply('--arm'));
    await anvil.test.mine({ blocks: 10 });
    snapshot = await anvil.test.snapshot();
  });
  beforeEach(async () => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  });
  after(async () => {
    await anvil.stop();
    await folder.remove();
  });

  for (const [name, blocks] of [
    ['share-price', 0],
    ['since-arming', 5],
    ['held', 2],
  ] as const)
    it(`stops the target by what ${name} reads, from an account without stake, and the escrow pays`, async () => {
      const height = (await write(ASSETS, 900)) + BigInt(blocks);
      await anvil.test.mine({ blocks });
      const told = printed<Tripped>(await trip(name, '--json'));
      assert.deepEqual(
        [told.target, told.rung, told.height],
        [getAddress(target), 3, height.toString()],
      );
      assert.equal(await rung(), 3);
      const { end } = await anvil.client.readContract({
        address: deployment.hub,
        abi: breakerHubAbi,
        functionName: 'tripOf',
        args: [target, 3],
      });
      assert.equal(told.end, end.toString());
      assert.ok(BigInt(told.cost) > 0n && BigInt(told.refund) > 0n);
    });

  it('takes an earlier block, and the id of a rule, and says it in lines', async () => {
    const height = await write(ASSETS, 900);
    await anvil.test.mine({ blocks: 20 });
    const shown = printed<{ coverageId: Hex; rules: { ruleId: Hex }[] }>(
      await tocsin(['cover', 'show', target, ...on(), '--json']),
    );
    const flags = [...on(), ...signedBy(folder, 'two'), '--height', `${height}`];
    const { ruleId } = shown.rules[0]!;
    const { stdout, stderr } = await tocsin(['cover', 'trip', shown.coverageId, ruleId, ...flags]);
    assert.match(
      stdout,
      new RegExp(`^proven +share-price fires at block ${height}, by \\d+ bytes$`, 'm'),
      stderr,
    );
    assert.match(stdout, /^stopped +rung 3, until 20\S+Z$/m);
    assert.match(stdout, /^cost +\d+ gas, 0\.\d+ ether$/m);
    assert.match(stdout, /^refunded +0\.\d+ ether of the escrow$/m);
  });

  it('refuses what is clear and says by which values, what is stopped by that block already, and sends neither', async () => {
    const clear = await write(ASSETS, 990);
    assertRefused(
      await trip('share-price'),
      `rule share-price: is clear at block ${clear}: 0x3de, 0xa against 0x3e8, 0xa; name a block`,
    );
    assert.equal(await sent(), 0);
    const height = `${await write(ASSETS, 900)}`;
    printed(await trip('share-price', '--height', height, '--json'));
    assertRefused(
      await trip('share-price', '--height', height),
      'trip: the chain refuses it: VerdictStale(',
    );
    assert.equal(await sent(), 1);
  });

  it('refuses a rule that no proof can trip, and one that there is not', async () => {
    assertRefused(
      await trip('shares'),
      'rule shares: is of class B, and only class A can be proven',
    );
    assertRefused(
      await trip('price'),
      'rule price: is none of this coverage; name share-price, since-arming, held, shares',
    );
    const { coverageId: id } = printed<{ coverageId: Hex }>(
      await tocsin([
        'cover',
        'end',
        target,
        '--retire',
        ...on(),
        ...signedBy(folder, 'one'),
        '--json',
      ]),
    );
    const flags = [...on(), ...signedBy(folder, 'two')];
    assertRefused(
      await tocsin(['cover', 'trip', id, 'share-price', ...flags]),
      `rule share-price: coverage ${id} is retired`,
    );
  });

  it('refuses a block that is none, too old, or to come', async () => {
    const newest = await anvil.client.getBlockNumber();
    for (const [height, problem] of [
      ['newest', 'newest is not a block'],
      [`${newest + 1n}`, `${newest + 1n} is above the newest block, ${newest}`],
      [`${newest - 32n}`, `${newest - 32n} is too old to be proven`],
    ] as const)
      assertRefused(
        await trip('share-price', '--height', height),
        `--height: ${problem}; write a block from ${newest - 31n} to ${newest}`,
      );
  });

  it('refuses a provider that proves nothing, or something else', async () => {
    await write(ASSETS, 900);
    const proxy = await startProxy(anvil.url);
    try {
      for (const change of ['none', 'other'] as const) {
        proxy.tamper = ({ method }, result) => {
          if (method !== 'eth_getProof') return result;
          return change === 'none' ? null : { ...(result as object), accountProof: ['0x80'] };
        };
        const flags = [...on(proxy.url), ...signedBy(folder, 'two')];
        assertRefused(
          await tocsin(['cover', 'trip', target, 'share-price', ...flags]),
          '--rpc: no provider proves what share-price reads at block',
        );
      }
      assert.equal(await sent(), 0);
    } finally {
      await proxy.stop();
    }
  });
});
