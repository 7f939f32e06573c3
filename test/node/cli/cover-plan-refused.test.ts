import assert from 'node:assert/strict';
import { keccak256 } from 'viem';
import { funded } from '../anvil.ts';
import { sentinels, targetCode, targets } from './codes.ts';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { createManifests } from './manifests.ts';
import { assertRefused } from './tocsin.ts';

const ABSENT = `0x${'ab'.repeat(20)}` as const;

describe('tocsin cover plan refuses', () => {
  let world: HostileWorld;
  let make: ReturnType<typeof createManifests>;
  before(async () => {
    world = await createHostileWorld();
    make = createManifests(world);
    await world.anvil.test.mine({ blocks: 12 });
  });
  after(() => world.close());

  const rows: readonly (readonly [string, () => object | Promise<object>, string])[] = [
    ['a target without code', () => ({ target: ABSENT }), `target: ${ABSENT} has no code on`],
    [
      'a predicate that is not there',
      () => make.rule({ code: ABSENT }),
      `rule share-price: code: ${ABSENT} has no code on this chain; deploy the predicate`,
    ],
    [
      'a code hash of other code',
      () => make.rule({ codeHash: keccak256('0x') }),
      'rule share-price: codeHash: the code at 0x',
    ],
    [
      'an impure predicate',
      async () => make.rule(await make.place('0x425f5260405ff3')),
      'rule share-price: code: has TIMESTAMP (0x42) at byte 0, which a predicate may not use; compute on',
    ],
    [
      'a predicate that reverts',
      async () => make.rule(await make.place(sentinels.reverting)),
      'rule share-price: code: reverts, takes more than 100000 gas or answers no (bool, uint256) at',
    ],
    [
      'a predicate that never ends',
      async () => make.rule(await make.place(sentinels.looping)),
      'rule share-price: code: reverts, takes more than 100000 gas or answers no (bool, uint256) at',
    ],
    [
      'a sentinel that reads gas',
      async () => make.sentinel(await make.place(sentinels.asksGas)),
      'rule watch: code: has GAS (0x5a) at byte 3, which a sentinel may not use; read the chain by',
    ],
    [
      'an undeployed sentinel that asks who asks',
      () =>
        make.sentinel({
          bytecode: sentinels.asksOrigin,
          codeHash: keccak256(sentinels.asksOrigin),
        }),
      'rule watch: bytecode: has ORIGIN (0x32) at byte 0, which a sentinel may not use; read the',
    ],
    [
      'a sentinel whose collect reverts',
      async () => make.sentinel(await make.place(sentinels.reverting)),
      'rule watch: code: collect() reverts or takes more than 2000000 gas at block ',
    ],
    [
      'a sentinel whose collect never ends',
      async () => make.sentinel(await make.place(sentinels.looping)),
      'rule watch: code: collect() reverts or takes more than 2000000 gas at block ',
    ],
    [
      'a sentinel that answers nothing',
      async () => make.sentinel(await make.place(sentinels.empty)),
      'rule watch: code: collect() answers no bytes at block ',
    ],
    [
      'a sentinel that says too much',
      async () => make.sentinel(await make.place(sentinels.wordy)),
      'rule watch: code: collect() answers 4096 bytes, more than 2048 at block ',
    ],
    [
      'a sentinel that judges in rubbish',
      async () => make.sentinel(await make.place(sentinels.confused)),
      'rule watch: code: shouldRespond reverts, takes more than 100000 gas or answers no (bool,',
    ],
    [
      'a sentinel that judges without end',
      async () => make.sentinel(await make.place(sentinels.endless)),
      'rule watch: code: shouldRespond reverts, takes more than 100000 gas or answers no (bool,',
    ],
    [
      'a detector that is nearly right',
      () => make.detector({}, { detector: 'shareprice@1.0.0' }),
      'rule shares: detector: shareprice@1.0.0 is not a detector of this release; did you mean share-price@1.0.0?',
    ],
    [
      'a detector that is not known',
      () => make.detector({}, { detector: 'moon-phase@9.9.9' }),
      'rule shares: detector: moon-phase@9.9.9 is not a detector of this release; name one of ',
    ],
    [
      'a parameter out of its range, and tells its unit',
      () => make.detector({ maxFallBps: 20_000 }),
      'rule shares: parameters.maxFallBps: must be 10000 or less; correct it: most that a share may lose in a block, in bps (100 bps are 1 %)',
    ],
    [
      'a parameter in another unit',
      () => make.detector({ minShares: 1000 }),
      "rule shares: parameters.minShares: must be a whole number in quotes, in the smallest unit of the token; correct it: supply below which nothing can be said, in the token's smallest unit",
    ],
    [
      'a parameter that is nearly right',
      () => make.detector({ maxFalBps: 10 }),
      'rule shares: parameters.maxFalBps: is not a known key; did you mean maxFallBps?',
    ],
    [
      'a parameter that is missing',
      () => make.detector({ vault: undefined }),
      'rule shares: parameters.vault: is missing; add it: vault whose shares are priced',
    ],
    [
      'one rule under two names',
      () => ({ rules: [...make.rule({}).rules, ...make.rule({ name: 'again' }).rules] }),
      'rule again: name: is all that tells it from rule share-price; remove one of them',
    ],
    [
      'another class than that of the detector',
      () => make.detector({}, { class: 'C', rung: 1 }),
      'rule shares: class: is C, and B for share-price@1.0.0 with these parameters; write B',
    ],
    [
      'another lookback than that of the parameters',
      () => make.detector({}, { lookback: 5 }),
      'rule shares: lookback: is 5, and 1 for share-price@1.0.0 with these parameters; write 1',
    ],
    [
      'a read that nobody answers',
      () => make.detector({ vault: ABSENT }),
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
      const ran = await world.plan(
        make.sentinel({ ...(await make.place(sentinels.quiet)), ...change }),
      );
      assertRefused(ran, `${world.folder.at('plan.yaml')}: ${line}`);
    });

  it('a parameter that is in per cent, and tells its unit', async () => {
    const ran = await world.plan(make.detector({ maxFallBps: 0.5 }));
    const line = 'rules[0].parameters.maxFallBps: must be text, a whole number from 0 on, or true';
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
    const ran = await world.plan(make.rule({ hold: 96 }));
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
      const { code: target } = await make.place(code);
      assertRefused(await world.plan({ target }), line);
    });

  it('a target of another hub', async () => {
    const code = targetCode(ABSENT, funded(0).address, targets.idle);
    const { code: target } = await make.place(code);
    assertRefused(
      await world.plan({ target }),
      'cover: the chain refuses it: TargetObeysAnotherHub(',
    );
  });
});
