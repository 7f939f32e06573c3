import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import {
  ARBITER,
  BOUNTY,
  createPayWorld,
  DEPOSIT,
  type PayWorld,
  PREMIUM,
} from '../pay/support.ts';
import { importOperator, signedBy } from './network.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

const HOUR = 3_600;
const NOTICE = 32;
/** Of three of the four seats. */
const BOND = (BOUNTY * 3n) / 4n;

type Steps = Readonly<{
  steps: readonly Readonly<{ name: string; to: Hex; transaction: Hex | null }>[];
}>;

describe('what a coverage pays', () => {
  let anvil: Anvil;
  let folder: Folder;
  let world: PayWorld;
  let snapshot: Hex;
  before(async () => {
    [anvil, folder] = await Promise.all([startAnvil(), createFolder()]);
    world = await createPayWorld(anvil);
    await folder.write('deployment.json', JSON.stringify(world.deployment));
    await importOperator(folder, 'owner', 0);
    await importOperator(folder, 'stranger', 1);
    await importOperator(folder, 'arbiter', 9);
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

  const on = () => ['--deployment', folder.at('deployment.json'), '--rpc', anvil.url];
  const run = (by: string | null, ...args: readonly string[]) =>
    tocsin([...args, ...on(), ...(by === null ? [] : signedBy(folder, by))]);
  const cover = (by: string | null, command: string, ...args: readonly string[]) =>
    run(by, 'cover', command, world.coverageId, ...args);
  const dispute = (by: string | null, command: string, ...args: readonly string[]) =>
    run(by, 'dispute', command, world.coverageId, ...args);
  const sent = () => Promise.all([0, 1, 9].map(world.sentBy));

  describe('its terms', () => {
    it('are shown to anybody: those in force, those to come, and what there is to pay from', async () => {
      const { stdout } = await cover(null, 'terms');
      assert.match(stdout, /^in force +from block \d+$/m);
      assert.match(stdout, /^ {2}premium +1600 STK a roll call, and 0 STK to its booker$/m);
      assert.match(stdout, /^ {2}bounty +16000 STK an incident$/m);
      assert.match(stdout, new RegExp(`^ {2}arbiter +${ARBITER.address}$`, 'm'));
      assert.match(stdout, /^payroll +100000 STK, and 0 STK owed$/m);
      assert.doesNotMatch(stdout, /to come|send/);
    });

    it('are named from a later block on; what no flag names stays as it is', async () => {
      await anvil.test.mine({ blocks: NOTICE });
      const flags = ['--premium', '2000', '--arbiter', 'none', '--json'];
      type Told = Steps & Readonly<{ toCome: Readonly<Record<string, string>> }>;
      const planned = printed<Told>(await cover(null, 'terms', ...flags, '--plan'));
      const [step] = planned.steps;
      assert.deepEqual([step?.transaction, step?.to], [null, world.terms]);
      const told = printed<Told>(await cover('owner', 'terms', ...flags));
      assert.deepEqual(told.toCome, planned.toCome);
      const { premium, fee, bounty, arbiter, from } = told.toCome;
      const nobody = `0x${'00'.repeat(20)}`;
      assert.deepEqual([premium, fee, bounty, arbiter], ['2000', '0', '16000', nobody]);
      assert.equal(BigInt(from!), (await anvil.client.getBlockNumber()) + BigInt(NOTICE));
      assert.match((await cover(null, 'terms')).stdout, /^to come +from block \d+$/m);
    });

    it('are refused from a stranger, and what is no amount or arbiter by its name', async () => {
      await anvil.test.mine({ blocks: NOTICE });
      const before = await sent();
      assertRefused(
        await cover('stranger', 'terms', '--fee', '1'),
        'terms: the chain refuses it: NotOwner(',
      );
      assertRefused(
        await cover('owner', 'terms', '--bounty', '1.5'),
        '--bounty: 1.5 has more than 0 decimals; round it',
      );
      assertRefused(
        await cover('owner', 'terms', '--fee', '9'.repeat(40)),
        `--fee: ${'9'.repeat(40)} is more than the 79228162514264337593543950335 STK that fit`,
      );
      assertRefused(
        await cover('owner', 'terms', '--arbiter', 'me'),
        '--arbiter: me is not an address',
      );
      assert.deepEqual(await sent(), before);
    });
  });

  describe('its deposits', () => {
    it('are added to by anybody, with what approval it takes', async () => {
      await world.mint(1, 150n);
      const flags = ['--payroll', '100', '--bounties', '50'];
      const { stdout } = await cover('stranger', 'deposit', ...flags);
      assert.match(stdout, /^payroll +100000 STK before, 100100 STK after$/m);
      assert.match(stdout, /^sent approve +\d+ gas, 0\.\d+ ether$/m);
      assert.equal((await world.accountOf('payroll')).deposit, DEPOSIT + 100n);
      assert.equal((await world.accountOf('bounties')).deposit, DEPOSIT + 50n);
    });

    it('are planned without a keystore, and nothing is sent', async () => {
      await world.mint(0, 100n);
      const before = await sent();
      const { stdout } = await cover(null, 'deposit', '--payroll', '100', '--plan');
      assert.match(stdout, /^send approve +\d+ gas, 0\.\d+ ether$/m);
      assert.match(stdout, /^send payroll +/m);
      assert.deepEqual(await sent(), before);
    });

    it('need an amount that the account holds', async () => {
      assertRefused(
        await cover('stranger', 'deposit'),
        '--payroll or --bounties: is missing; name how much to add to which',
      );
      assertRefused(
        await cover('stranger', 'deposit', '--payroll', '2', '--bounties', '3'),
        `--payroll and --bounties: ${funded(1).address} holds 0 STK of 5 STK`,
      );
    });

    it('are asked back by their owner, and taken once their time has come', async () => {
      assertRefused(
        await cover('owner', 'withdraw'),
        '--payroll or --bounties: is missing; name what to ask back',
      );
      assertRefused(
        await cover('stranger', 'withdraw', '--payroll', '1'),
        'payroll: the chain refuses it: NotOwner(',
      );
      const asked = await cover('owner', 'withdraw', '--payroll', '300');
      assert.match(
        asked.stdout,
        /^payroll +300 STK asked back, to be taken in blocks \d+ to \d+, /m,
      );
      const early = await cover('owner', 'withdraw');
      assert.match(early.stdout, /^send +nothing$/m);
      await anvil.test.mine({ blocks: NOTICE });
      const purse = await world.purseOf(0);
      const { stdout } = await cover('owner', 'withdraw');
      assert.match(stdout, /^sent payroll +/m);
      assert.match(stdout, /^payroll +nothing is asked back$/m);
      assert.equal((await world.purseOf(0)) - purse, 300n);
    });

    it('are asked back no more by a zero', async () => {
      await cover('owner', 'withdraw', '--bounties', '300');
      const { stdout } = await cover('owner', 'withdraw', '--bounties', '0');
      assert.match(stdout, /^bounties +nothing is asked back$/m);
    });
  });

  describe('its watchers', () => {
    const callSettled = async () => {
      await world.call([0, 1, 2]);
      await anvil.test.mine({ blocks: NOTICE + 1 });
    };

    it('are paid at the word of anybody, each to its payout address, and once', async () => {
      await callSettled();
      const purse = await world.purseOf(1);
      const claim = ['claim', '--operator', funded(1).address];
      const { stdout } = await run('owner', ...claim, '--plan');
      assert.match(stdout, new RegExp(`^payroll +400 STK of ${world.coverageId}$`, 'm'));
      assert.match(stdout, /^send payroll +\d+ gas/m);
      const told = await run('owner', ...claim);
      assert.match(told.stdout, /^sent payroll +\d+ gas/m);
      assert.equal((await world.purseOf(1)) - purse, PREMIUM / 4n);
      const again = await run('owner', ...claim);
      assert.match(again.stdout, /^owed +nothing$/m);
      assert.match(again.stdout, /^send +nothing$/m);
    });

    it('are whoever signs unless another is named, of one coverage or of all', async () => {
      await callSettled();
      const purse = await world.purseOf(1);
      const { operator } = printed<{ operator: Hex }>(
        await run('stranger', 'claim', world.coverageId, '--json'),
      );
      assert.equal(operator, funded(1).address);
      assert.equal((await world.purseOf(1)) - purse, PREMIUM / 4n);
      assertRefused(
        await run('arbiter', 'claim'),
        `--operator: ${ARBITER.address} is the operator of no watcher; name the account that registered`,
      );
    });
  });

  describe('a dispute', () => {
    /** An incident of class B, booked. */
    const book = async () => {
      await world.trip([0, 1, 2], world.opinion);
      await world.mine([await world.start(0)], 16);
      await world.mint(1, BOND);
    };

    it('is opened once its bond was shown, and decided by the arbiter', async () => {
      assert.match((await dispute(null, 'show')).stdout, /^no bounties$/m);
      await book();
      assert.match(
        (await dispute(null, 'show')).stdout,
        new RegExp(`^0 +B +open +12000 STK +20\\S+Z +${ARBITER.address} +-$`, 'm'),
      );
      const before = await sent();
      const shown = await dispute(null, 'open', '0');
      assert.match(shown.stdout, /^bond +12000 STK$/m);
      assert.match(shown.stdout, /^run again with --bond 12000 to pay it$/m);
      assertRefused(
        await dispute('stranger', 'open', '0', '--bond', '11999'),
        '--bond: 11999 is less than the bond, 12000 STK; raise it',
      );
      assert.deepEqual(await sent(), before);
      const opened = await dispute('stranger', 'open', '0', '--bond', '12000');
      assert.match(opened.stdout, /^state +disputed$/m);
      assert.equal(await world.purseOf(1), 0n);
      assertRefused(
        await dispute('stranger', 'decide', '0', '--upheld'),
        'decide: the chain refuses it: NotArbiter(',
      );
      const planned = await dispute(null, 'decide', '0', '--upheld', '--plan');
      assert.match(planned.stdout, /^state +disputed$/m);
      assert.match(planned.stdout, /^send decide +\d+ gas/m);
      const decided = await dispute('arbiter', 'decide', '0', '--upheld');
      assert.match(decided.stdout, /^state +upheld$/m);
      const { stdout } = await run('stranger', 'claim');
      assert.match(stdout, /^credit +12000 STK of the sender$/m);
      assert.equal(await world.purseOf(1), BOND);
    });

    it('lapses where the arbiter is silent, and not before', async () => {
      await book();
      await dispute('stranger', 'open', '0', '--bond', '12000');
      assertRefused(
        await dispute('owner', 'lapse', '0'),
        'lapse: the chain refuses it: StillInTime(',
      );
      await anvil.test.increaseTime({ seconds: 2 * HOUR });
      await anvil.test.mine({ blocks: 1 });
      assert.match((await dispute('owner', 'lapse', '0')).stdout, /^state +lapsed$/m);
      assertRefused(
        await dispute('stranger', 'open', '0', '--bond', '12000'),
        'entry: 0 is lapsed, and could be disputed until 20',
      );
    });

    it('is of an entry that there is, decided one way, in class B or C', async () => {
      await world.trip([0, 1, 2]);
      await world.mine([await world.start(0)], 16);
      assertRefused(
        await dispute('stranger', 'open', '0', '--bond', '12000'),
        'entry: 0 is of class A; leave it to the court: nodes show it by themselves what is false',
      );
      assertRefused(
        await dispute('stranger', 'open', '1'),
        'entry: 1 is none of the 1 that are booked; look for it by tocsin dispute show',
      );
      assertRefused(
        await dispute('stranger', 'open', 'first'),
        'entry: first is not a whole number',
      );
      assertRefused(
        await dispute('arbiter', 'decide', '0'),
        '--upheld or --dismissed: is missing; give one of the two',
      );
    });
  });
});
