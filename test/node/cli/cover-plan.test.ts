import assert from 'node:assert/strict';
import { type Hex, keccak256 } from 'viem';
import { sentinels, targetCode, targets } from './codes.ts';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { assertRefused, printed } from './tocsin.ts';
import { funded } from '../anvil.ts';

type Planned = Readonly<{
  change: string;
  delay: string;
  coverageId: Hex;
  rules: readonly Readonly<{
    change: string;
    rung: number;
    life: number;
    fires: boolean | null;
    arms: boolean;
  }>[];
  escrow: Readonly<{ now: string; after: string; least: string }>;
  transactions: readonly Readonly<{
    name: string;
    to: Hex;
    data: Hex;
    gas: string;
    fee: string;
    value: string;
  }>[];
}>;

const ABSENT = `0x${'ab'.repeat(20)}` as const;

describe('tocsin cover plan', () => {
  let world: HostileWorld;
  before(async () => {
    world = await createHostileWorld();
    await world.anvil.test.mine({ blocks: 12 });
  });
  after(() => world.close());

  const rule = (change: object) => ({ rules: [{ ...world.manifest.rules[0], ...change }] });

  /** Puts code on the chain; what a rule says of it. */
  const place = async (code: Hex, address: Hex = `0x${keccak256(code).slice(26)}`) => {
    await world.anvil.test.setCode({ address, bytecode: code });
    return { code: address, codeHash: keccak256(code) };
  };
  const sentinel = (change: object) => ({
    rules: [
      {
        kind: 'sentinel',
        name: 'watch',
        family: 'watch',
        rung: 2,
        life: 600,
        detector: 'watch@1.0.0',
        gas: 100_000,
        samples: 3,
        ...change,
      },
    ],
  });
  const detector = (parameters: object, change: object = {}) => ({
    rules: [
      {
        kind: 'detector',
        name: 'shares',
        class: 'B',
        family: 'share-price',
        rung: 2,
        life: 600,
        detector: 'share-price@1.0.0',
        startBlock: 0,
        lookback: 1,
        parameters: { vault: world.manifest.target, ...parameters },
        ...change,
      },
    ],
  });

  describe('of a manifest that is right', () => {
    it('says what changes, what it costs, and what the predicate says now', async () => {
      const plan = printed<Planned>(await world.plan({}, '--fund', '1.5', '--arm', '--json'));
      assert.equal(plan.change, 'cover');
      assert.deepEqual([plan.escrow.now, plan.escrow.after], ['0', '1500000000000000000']);
      const [first] = plan.rules;
      assert.deepEqual([plan.delay, first?.rung, first?.life], ['172800', 3, 3600]);
      // The delay of rules is two days: nothing is armed on the day it is named.
      assert.deepEqual([first?.change, first?.fires, first?.arms], ['added', false, false]);
      assert.deepEqual(
        plan.transactions.map(({ name, value }) => [name, value]),
        [['cover', '1500000000000000000']],
      );
      assert.ok(plan.transactions.every(({ gas, fee }) => BigInt(gas) > 0n && BigInt(fee) > 0n));
    });

    it('prints what a guardian that is a contract has to send', async () => {
      const plan = printed<Planned>(await world.plan({}, '--json'));
      const { to, data, value } = plan.transactions[0]!;
      const account = funded(0).address;
      const answer = await world.anvil.client.call({ account, to, data, value: BigInt(value) });
      assert.equal(answer.data, plan.coverageId);
    });

    it('is a line each for people', async () => {
      const { stdout } = await world.plan({});
      for (const line of [
        /^target +0x[0-9a-f]{40}$/m,
        /^coverage +0x[0-9a-f]{64} is made$/m,
        /^rule share-price +added: shadow, armable at \d{4}-/m,
        /^ {2}reads +2 slots of 0x[0-9a-f]{40} at each block and 1 earlier$/m,
        /^ {2}trips +rung 3, for 3600 s$/m,
        /^ {2}judged +clear at block \d+$/m,
        /^delay +a rule may be armed 172800 s after it is added$/m,
        /^escrow +0 ether now, 1 ether after; nobody rings for less than 0\.0\d+ ether$/m,
        /^send cover +\d+ gas, 0\.\d{1,9} ether, and 1 ether into the escrow$/m,
      ])
        assert.match(stdout, line);
    });

    for (const [what, fires] of [
      ['quiet', false],
      ['firing', true],
    ] as const)
      it(`collects and judges a ${what} sentinel, deployed or not`, async () => {
        const codeHash = keccak256(sentinels[what]);
        for (const change of [
          await place(sentinels[what]),
          { bytecode: sentinels[what], codeHash },
        ]) {
          const plan = printed<Planned>(await world.plan(sentinel(change), '--json'));
          assert.deepEqual(
            plan.rules.map((found) => found.fires),
            [fires],
          );
        }
      });

    it('binds a detector and tries its reads', async () => {
      const { stdout } = await world.plan(detector({ maxFallBps: 20 }));
      assert.match(stdout, /^ {2}reads +0x01e1d114 of 0x[0-9a-f]{40}, 0x18160ddd of /m);
      assert.match(
        stdout,
        /^ {2}judged +nothing can be said at block \d+, by 1 blocks before it$/m,
      );
    });
  });

  describe('refuses', () => {
    const rows: readonly (readonly [string, () => object | Promise<object>, string])[] = [
      ['a target without code', () => ({ target: ABSENT }), `target: ${ABSENT} has no code on`],
      [
        'a predicate that is not there',
        () => rule({ code: ABSENT }),
        `rule share-price: code: ${ABSENT} has no code on this chain; deploy the predicate`,
      ],
      [
        'a code hash of other code',
        () => rule({ codeHash: keccak256('0x') }),
        'rule share-price: codeHash: the code at 0x',
      ],
      [
        'an impure predicate',
        async () => rule(await place('0x425f5260405ff3')),
        'rule share-price: code: has TIMESTAMP (0x42) at byte 0, which a predicate may not use; compute on',
      ],
      [
        'a predicate that reverts',
        async () => rule(await place(sentinels.reverting)),
        'rule share-price: code: reverts, takes more than 100000 gas or answers no (bool, uint256) at',
      ],
      [
        'a predicate that never ends',
        async () => rule(await place(sentinels.looping)),
        'rule share-price: code: reverts, takes more than 100000 gas or answers no (bool, uint256) at',
      ],
      [
        'a sentinel that reads gas',
        async () => sentinel(await place(sentinels.asksGas)),
        'rule watch: code: has GAS (0x5a) at byte 3, which a sentinel may not use; read the chain by',
      ],
      [
        'an undeployed sentinel that asks who asks',
        () =>
          sentinel({ bytecode: sentinels.asksOrigin, codeHash: keccak256(sentinels.asksOrigin) }),
        'rule watch: bytecode: has ORIGIN (0x32) at byte 0, which a sentinel may not use; read the',
      ],
      [
        'a sentinel whose collect reverts',
        async () => sentinel(await place(sentinels.reverting)),
        'rule watch: code: collect() reverts or takes more than 2000000 gas at block ',
      ],
      [
        'a sentinel whose collect never ends',
        async () => sentinel(await place(sentinels.looping)),
        'rule watch: code: collect() reverts or takes more than 2000000 gas at block ',
      ],
      [
        'a sentinel that answers nothing',
        async () => sentinel(await place(sentinels.empty)),
        'rule watch: code: collect() answers no bytes at block ',
      ],
      [
        'a sentinel that says too much',
        async () => sentinel(await place(sentinels.wordy)),
        'rule watch: code: collect() answers 4096 bytes, more than 2048 at block ',
      ],
      [
        'a sentinel that judges in rubbish',
        async () => sentinel(await place(sentinels.confused)),
        'rule watch: code: shouldRespond reverts, takes more than 100000 gas or answers no (bool,',
      ],
      [
        'a sentinel that judges without end',
        async () => sentinel(await place(sentinels.endless)),
        'rule watch: code: shouldRespond reverts, takes more than 100000 gas or answers no (bool,',
      ],
      [
        'a detector that is nearly right',
        () => detector({}, { detector: 'shareprice@1.0.0' }),
        'rule shares: detector: shareprice@1.0.0 is not a detector of this release; did you mean share-price@1.0.0?',
      ],
      [
        'a detector that is not known',
        () => detector({}, { detector: 'moon-phase@9.9.9' }),
        'rule shares: detector: moon-phase@9.9.9 is not a detector of this release; name one of ',
      ],
      [
        'a parameter out of its range, and tells its unit',
        () => detector({ maxFallBps: 20_000 }),
        'rule shares: parameters.maxFallBps: must be 10000 or less; correct it: most that a share may lose in a block, in bps (100 bps are 1 %)',
      ],
      [
        'a parameter in another unit',
        () => detector({ minShares: 1000 }),
        "rule shares: parameters.minShares: must be a whole number in quotes, in the smallest unit of the token; correct it: supply below which nothing can be said, in the token's smallest unit",
      ],
      [
        'a parameter that is nearly right',
        () => detector({ maxFalBps: 10 }),
        'rule shares: parameters.maxFalBps: is not a known key; did you mean maxFallBps?',
      ],
      [
        'a parameter that is missing',
        () => detector({ vault: undefined }),
        'rule shares: parameters.vault: is missing; add it: vault whose shares are priced',
      ],
      [
        'one rule under two names',
        () => ({ rules: [...rule({}).rules, ...rule({ name: 'again' }).rules] }),
        'rule again: name: is all that tells it from rule share-price; remove one of them',
      ],
      [
        'another class than that of the detector',
        () => detector({}, { class: 'C', rung: 1 }),
        'rule shares: class: is C, and B for share-price@1.0.0 with these parameters; write B',
      ],
      [
        'another lookback than that of the parameters',
        () => detector({}, { lookback: 5 }),
        'rule shares: lookback: is 5, and 1 for share-price@1.0.0 with these parameters; write 1',
      ],
      [
        'a read that nobody answers',
        () => detector({ vault: ABSENT }),
        `rule shares: parameters.vault: ${ABSENT} does not answer 0x01e1d114 at block `,
      ],
    ];
    for (const [what, change, line] of rows)
      it(what, async () => {
        assertRefused(await world.plan(await change()), line);
      });

    for (const [what, change, line] of [
      ['a rung above the class', { rung: 3 }, 'rules[0].rung: must be 2 or less for class B'],
      ['too much gas', { gas: 300_000 }, 'rules[0].gas: must be 200000 or less'],
      ['too many samples', { samples: 33 }, 'rules[0].samples: must be 32 or less'],
    ] as const)
      it(what, async () => {
        const ran = await world.plan(sentinel({ ...(await place(sentinels.quiet)), ...change }));
        assertRefused(ran, `${world.folder.at('plan.yaml')}: ${line}`);
      });

    it('a parameter that is in per cent, and tells its unit', async () => {
      const ran = await world.plan(detector({ maxFallBps: 0.5 }));
      const line =
        'rules[0].parameters.maxFallBps: must be text, a whole number from 0 on, or true';
      assertRefused(ran, `${world.folder.at('plan.yaml')}: ${line}`);
      assert.match(ran.stderr, /correct it: most that a share may lose in a block, in bps/);
    });

    for (const [what, fund] of [
      ['an escrow that nobody rings for', '0.001'],
      ['no escrow', '0'],
    ] as const)
      it(what, async () => {
        const line = `--fund: leaves ${fund} ether in the escrow, and nobody rings for less than 0.0`;
        assertRefused(await world.plan({}, '--fund', fund), line);
      });

    it('an escrow that nobody can pay', async () => {
      const ran = await world.plan({}, '--fund', '9'.repeat(30));
      assertRefused(ran, `cover: ${funded(0).address} cannot pay for it; send ether to`);
    });

    it('a predicate that reaches too far back', async () => {
      const ran = await world.plan(rule({ hold: 96 }));
      assertRefused(ran, `${world.folder.at('plan.yaml')}: rules[0].hold: must be 95 or less`);
    });

    for (const [what, line] of [
      ['reverting', 'cover: the chain refuses it: TripFailed('],
      ['idle', 'cover: the chain refuses it: TripHadNoEffect('],
      ['stuck', 'cover: the chain refuses it: ReleaseHadNoEffect('],
    ] as const)
      it(`a target that is ${what}`, async () => {
        const { hub } = world.deployment;
        const code = targetCode(hub, funded(0).address, targets[what]);
        const { code: target } = await place(code);
        assertRefused(await world.plan({ target }), line);
      });

    it('a target of another hub', async () => {
      const code = targetCode(ABSENT, funded(0).address, targets.idle);
      const { code: target } = await place(code);
      assertRefused(
        await world.plan({ target }),
        'cover: the chain refuses it: TargetObeysAnotherHub(',
      );
    });
  });
});
