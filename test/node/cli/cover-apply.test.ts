import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { breakerHubAbi, registryAbi } from '../../../protocol/abi.ts';
import { funded } from '../anvil.ts';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { importOperator, signedBy } from './network.ts';
import { assertRefused, printed, tocsin } from './tocsin.ts';

type Applied = Readonly<{
  coverageId: Hex;
  change: string;
  ruleIds: readonly Hex[];
  armed: readonly Hex[];
  waiting: readonly Readonly<{ ruleId: Hex; armableAt: string }>[];
}>;
type Shown = Readonly<{
  coverageId: Hex;
  retired: boolean;
  escrow: string;
  rules: readonly Readonly<{ name: string; phase: string; armedAt: string }>[];
  trips: readonly unknown[];
  incidents: readonly unknown[];
}>;

const TWO_DAYS = 172_800;

describe('a coverage, from tocsin cover apply to its end', () => {
  let world: HostileWorld;
  let first: Applied;
  before(async () => {
    world = await createHostileWorld();
  });
  after(() => world.close());

  const signed = () => world.anvil.client.getTransactionCount({ address: funded(0).address });
  const second = () => ({ ...world.manifest.rules[0], name: 'second', family: 'other', rung: 1 });
  const apply = async (rules: readonly object[], ...flags: string[]) => {
    const text = JSON.stringify({ ...world.manifest, rules });
    const file = await world.folder.write('applied.json', text);
    const by = signedBy(world.folder, 'one');
    return tocsin(['cover', 'apply', file, ...world.on(), ...by, ...flags]);
  };
  const applied = async (rules: readonly object[], ...flags: string[]) =>
    printed<Applied>(await apply(rules, ...flags, '--json'));
  const show = (what: string) => tocsin(['cover', 'show', what, ...world.on(), '--json']);
  const shown = async () => printed<Shown>(await show(world.manifest.target));

  it('is made and funded, and says when its rule may be armed', async () => {
    first = await applied(world.manifest.rules, '--fund', '1.5', '--arm');
    assert.deepEqual([first.change, first.armed.length, first.waiting.length], ['cover', 0, 1]);
    const { timestamp } = await world.anvil.client.getBlock();
    assert.equal(BigInt(first.waiting[0]?.armableAt ?? 0), timestamp + BigInt(TWO_DAYS));
    const { escrow, rules } = await shown();
    assert.deepEqual([escrow, rules[0]?.phase], ['1500000000000000000', 'shadow']);
  });

  it('applied again changes nothing', async () => {
    const before = await signed();
    const again = await applied(world.manifest.rules, '--fund', '1.5', '--arm');
    assert.deepEqual([again.change, again.coverageId], ['none', first.coverageId]);
    assert.equal(await signed(), before);
  });

  it('is armed once the delay is over, and a rule added then waits on its own', async () => {
    await world.anvil.test.increaseTime({ seconds: TWO_DAYS });
    await world.anvil.test.mine({ blocks: 1 });
    const armed = await applied(world.manifest.rules, '--arm');
    assert.deepEqual(armed.armed, first.ruleIds);
    const amended = await applied([...world.manifest.rules, second()], '--fund', '2', '--arm');
    assert.deepEqual([amended.change, amended.coverageId], ['amend', first.coverageId]);
    const { escrow, rules } = await shown();
    assert.equal(escrow, '2000000000000000000');
    assert.deepEqual(
      rules.map(({ name, phase }) => [name, phase]),
      [
        ['share-price', 'armed'],
        ['second', 'shadow'],
      ],
    );
  });

  it('is amended to fewer rules, those kept staying as they are', async () => {
    const third = { ...second(), name: 'third', life: 7200 };
    const swap = await world.plan({ rules: [third] });
    assert.match(
      swap.stdout,
      /^rule share-price +dropped: it is armed, and trips no more; keep it under another name until/m,
    );
    const plan = await world.plan({ rules: [second()] });
    assert.match(plan.stdout, /^rule second +kept: shadow, armable at/m);
    assert.match(plan.stdout, /^rule share-price +dropped: it is armed$/m);
    assert.equal((await applied([second()])).change, 'amend');
    assert.deepEqual(
      (await shown()).rules.map(({ name }) => name),
      ['second'],
    );
  });

  it('is a table for people', async () => {
    const { stdout } = await tocsin(['cover', 'show', first.coverageId, ...world.on()]);
    assert.match(stdout, /^escrow +2 ether$/m);
    assert.match(stdout, /^attested +no roll call was booked$/m);
    assert.match(stdout, /^state +clear at block \d+, /m);
    assert.match(stdout, /^rule +class +rung +life +phase +armed since +anchor +last trip by$/m);
    assert.match(stdout, /^second +A +1 +3600 s +shadow, armable at .+ - +- +-$/m);
    assert.match(stdout, /^no incidents$/m);
  });

  it('shows what is tripped and until when, and is not amended before that is ended', async () => {
    const { deployment, manifest, anvil } = world;
    await anvil.test.impersonateAccount({ address: deployment.registry });
    await anvil.test.setBalance({ address: deployment.registry, value: 10n ** 20n });
    const hash = await anvil.wallet.writeContract({
      account: deployment.registry,
      address: deployment.hub,
      abi: breakerHubAbi,
      functionName: 'trip',
      // Class A.
      args: [manifest.target, 1, 3600, 1],
    });
    await anvil.client.waitForTransactionReceipt({ hash });
    const { timestamp } = await anvil.client.getBlock();
    assert.deepEqual((await shown()).trips, [
      { rung: 1, first: `${timestamp}`, end: `${timestamp + 3600n}` },
    ]);
    const { stdout } = await tocsin(['cover', 'show', first.coverageId, ...world.on()]);
    assert.match(stdout, /^state +TRIPPED at block \d+, /m);
    assert.match(stdout, /^rung 1 +since .+, until /m);
    assertRefused(await apply(manifest.rules), 'amend: the chain refuses it: StillTripped(');
    const keys = signedBy(world.folder, 'one');
    const ended = await tocsin(['cover', 'end', manifest.target, ...world.on(), ...keys, '--json']);
    assert.deepEqual(printed<{ ended: number[]; inForce: number[] }>(ended).ended, [1]);
    assert.deepEqual((await shown()).trips, []);
  });

  it('is ended by its owner alone, then retired for good', async () => {
    await importOperator(world.folder, 'two', 1);
    const end = (by: string, ...flags: string[]) => {
      const keys = signedBy(world.folder, by);
      return tocsin(['cover', 'end', first.coverageId, ...world.on(), ...keys, ...flags]);
    };
    assertRefused(await end('two'), 'end: the chain refuses it: NotOwner(');
    const ended = printed<{ ended: number[]; retired: boolean }>(await end('one', '--json'));
    assert.deepEqual([ended.ended, ended.retired], [[], false]);
    const { notBefore } = await world.anvil.client.readContract({
      address: world.deployment.registry,
      abi: registryAbi,
      functionName: 'coverage',
      args: [first.coverageId],
    });
    assert.equal(notBefore, await world.anvil.client.getBlockNumber());
    assert.match(
      (await end('one', '--retire')).stdout,
      /^retired +for good; 2 ether of escrow went back to its owner$/m,
    );
    assert.equal(printed<Shown>(await show(first.coverageId)).escrow, '0');
    assertRefused(await end('one'), 'end: the chain refuses it: CoverageRetired(');
    assertRefused(await end('one', '--retire'), 'retire: the chain refuses it: CoverageRetired(');
  });

  it('covered anew by another guardian, gives its escrow back to the former one', async () => {
    const { anvil, manifest } = world;
    const { coverageId } = await applied(manifest.rules, '--fund', '3');
    const { target } = manifest;
    const code = (await anvil.client.getCode({ address: target })) ?? '0x';
    const [one, two] = [0, 1].map((index) => funded(index).address.slice(2).toLowerCase());
    const bytecode = code.replaceAll(one!, two!) as Hex;
    await anvil.test.setCode({ address: target, bytecode });
    const by = signedBy(world.folder, 'two');
    const file = world.folder.at('applied.json');
    printed(await tocsin(['cover', 'apply', file, ...world.on(), ...by, '--fund', '1', '--json']));
    const end = ['cover', 'end', coverageId, ...world.on(), ...signedBy(world.folder, 'one')];
    const { returned } = printed<{ returned: string }>(
      await tocsin([...end, '--retire', '--json']),
    );
    assert.equal(returned, '3000000000000000000');
  });

  for (const [what, named, line] of [
    ['neither', '0x12', 'what: 0x12 is neither an address nor the id of a coverage; write 0x and'],
    ['no target', `0x${'ab'.repeat(20)}`, `what: 0x${'ab'.repeat(20)} is covered by nobody at`],
    ['no coverage', `0x${'ab'.repeat(32)}`, `what: 0x${'ab'.repeat(32)} is no coverage at`],
  ] as const)
    it(`what is ${what} is shown to nobody`, async () => {
      assertRefused(await tocsin(['cover', 'show', named, ...world.on()]), line);
    });

  it('an escrow that is no amount is refused', async () => {
    assertRefused(await apply(world.manifest.rules, '--fund', 'lots'), '--fund: lots is not an');
  });
});
