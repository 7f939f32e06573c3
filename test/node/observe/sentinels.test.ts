import assert from 'node:assert/strict';
import { decodeAbiParameters, encodeAbiParameters, type Hex, keccak256, numberToHex } from 'viem';
import type { CoveredRule } from '../../../node/lib/pipeline.ts';
import type { NamedRule } from '../../../protocol/named-rule.ts';
import { COLLECT_FROM, COLLECT_GAS, sentinelAddress } from '../../../protocol/sentinel.ts';
import {
  compiledByItsAuthor,
  covered,
  opinionsOver,
  sentinelCode,
  sentinelRule,
  VAULT,
} from './opinions.ts';
import type { Proxy } from './proxy.ts';
import { createReading, type Reading } from './reading.ts';
import { type World, word } from './support.ts';

/** An empty sample, and an answer that fires with nothing to say. */
const SAMPLE: Hex = '0x60205f5260405ff3';
const FIRE: Hex = '0x60015f52604060205260605ff3';

describe('a sentinel', () => {
  let reading: Reading;
  let world: World;
  let providers: readonly [Proxy, Proxy];
  let opinions: ReturnType<typeof opinionsOver>;
  let trap: Hex;

  before(async () => {
    reading = await createReading();
    ({ world } = reading);
    trap = await compiledByItsAuthor('BalanceTrap');
  });
  after(() => world.stop());
  beforeEach(async () => {
    const begun = await reading.begin();
    providers = begun.providers;
    opinions = opinionsOver(begun.observer, world.anvil.chain.id);
    await world.request('evm_setAutomine', false);
  });
  afterEach(() => reading.end());

  const hold = async (balance: bigint) => {
    await world.request('anvil_setBalance', VAULT, numberToHex(balance));
    await world.mine(1);
  };
  const hear = async (...rules: readonly CoveredRule[]) => {
    const state = await reading.newest();
    return { state, said: await opinions.of({ ...state, rules }) };
  };
  const codesOf = async (...rules: readonly CoveredRule[]) =>
    (await hear(...rules)).said.map((one) => ('code' in one ? one.code : 'fires'));
  const raw = (collect: Hex, respond: Hex = FIRE, more: Parameters<typeof sentinelRule>[2] = {}) =>
    covered(sentinelRule('raw', sentinelCode(collect, respond), more));

  for (const where of ['not deployed', 'deployed'] as const)
    it(`of the usual shape, ${where}, runs as its author compiled it`, async () => {
      const address: Hex = '0x00000000000000000000000000000000c0de0001';
      if (where === 'deployed') await world.request('anvil_setCode', address, trap);
      const { bytecode: _, ...rest } = sentinelRule('trap', trap, { samples: 2 }) as Extract<
        NamedRule,
        { kind: 'sentinel' }
      >;
      const named = where === 'deployed' ? { ...rest, code: address } : { ...rest, bytecode: trap };
      await hold(1_000n);
      // What is set by hand is set in the newest block's state too: it is read before that.
      await hear(covered(named));
      await hold(850n);
      const { state, said } = await hear(covered(named));
      const [found] = said;
      assert.ok(found !== undefined && 'values' in found);
      const sample = (height: bigint, balance: bigint) =>
        encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [height, balance]);
      const { height } = state.block;
      assert.equal(found.measure, 150n);
      assert.deepEqual(
        found.values,
        [sample(height, 850n), sample(height - 1n, 1_000n), word(150)].map((bytes) =>
          keccak256(bytes),
        ),
      );
      await hold(849n);
      assert.deepEqual((await hear(covered(named))).said, []);
    });

  it('is told the number and the time of the block that it judges', async () => {
    await world.mine(1);
    for (const [opcode, field] of [
      ['43', 'height'],
      ['42', 'timestamp'],
    ] as const) {
      const respond: Hex = `0x60015f5260406020526020604052${opcode}60605260805ff3`;
      const { state, said } = await hear(raw(SAMPLE, respond));
      assert.ok(said[0] !== undefined && 'measure' in said[0]);
      assert.equal(said[0].measure, state.block[field]);
    }
  });

  for (const [what, collect, code] of [
    ['reverts', '0x5f5ffd', 'FAULTED'],
    ['never ends', '0x5b601556', 'FAULTED'],
    ['answers nothing', '0x00', 'OVERRIDE_IGNORED'],
    ['answers a word of rubbish', '0x60015f5260205ff3', 'FAULTED'],
    ['answers a megabyte', '0x620fffff5ff3', 'FAULTED'],
    ['answers a sample of 2,048 bytes', '0x60205f526108006020526108405ff3', 'fires'],
    ['answers a sample of 2,049 bytes', '0x60205f526108016020526108605ff3', 'FAULTED'],
    ['claims a sample longer than its answer', '0x60205f526108006020526108205ff3', 'FAULTED'],
    ['reads its gas', '0x5a50', 'FAULTED_CODE'],
    ['asks who calls', '0x3350', 'FAULTED_CODE'],
    ['writes', '0x60015f55', 'FAULTED_CODE'],
  ] as const)
    it(`whose collect ${what} is ${code === 'fires' ? 'heard' : 'not heard'}, and keeps no other from it`, async () => {
      await world.mine(1);
      const codes = await codesOf(raw(collect), raw(SAMPLE));
      assert.deepEqual(codes.toSorted(), [code, 'fires'].toSorted());
    });

  for (const [what, respond, code] of [
    ['reverts', '0x5f5ffd', 'FAULTED'],
    ['never ends', '0x5b600756', 'FAULTED'],
    ['answers nothing', '0x00', 'FAULTED'],
    ['answers a word', '0x60015f5260205ff3', 'FAULTED'],
    ['answers a boolean of two', '0x60025f52604060205260605ff3', 'FAULTED'],
    ['answers a megabyte', '0x620fffff5ff3', 'FAULTED'],
    [
      'asks a precompile that this EVM lacks',
      '0x5f5f5f5f600a5afa5060015f52604060205260605ff3',
      'FAULTED',
    ],
    [
      'asks a precompile that is slow for its gas',
      '0x5f5f5f5f60095afa5060015f52604060205260605ff3',
      'FAULTED',
    ],
  ] as const)
    it(`whose shouldRespond ${what} gives ${code}`, async () => {
      await world.mine(1);
      assert.deepEqual(await codesOf(raw(SAMPLE, respond)), [code]);
    });

  it('is an abstention, not a fault, where a provider fails', async () => {
    await world.mine(1);
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['fires']);
    await world.mine(1);
    await reading.newest();
    const [, second] = providers;
    const isCollect = (params: readonly unknown[]) => params.length === 3;
    second.tamper = ({ params }, result) =>
      isCollect(params) ? `0x${'0'.repeat(64)}${String(result).slice(66)}` : result;
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['PROVIDERS_DISAGREE']);
    second.tamper = ({ params }, result) => (isCollect(params) ? null : result);
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['CALLS_INVALID']);
    second.isDown = true;
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['PROVIDER_UNREACHABLE']);
    second.isDown = false;
    second.tamper = (_, result) => result;
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['fires']);
  });

  it('is not heard through a provider that takes no code in place of an account, and is once it does', async () => {
    await world.mine(1);
    await reading.newest();
    const [, second] = providers;
    second.tamper = ({ params }, result) =>
      params.length === 3
        ? `0x${'0'.repeat(47)}1${'0'.repeat(String(result).length - 50)}`
        : result;
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['PROVIDER_UNFIT']);
    second.tamper = (_, result) => result;
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['fires']);
    const ignoring = () => `0x${'0'.repeat(47)}1${'0'.repeat(16 + 2 * 2_112)}`;
    for (const provider of providers)
      provider.tamper = ({ params }, result) => (params.length === 3 ? ignoring() : result);
    await world.mine(1);
    assert.deepEqual(await codesOf(raw(SAMPLE)), ['OVERRIDE_IGNORED']);
  });

  it('collects what a transaction of two million gas by nobody would, to the unit', async () => {
    const meter: Hex = '0x00000000000000000000000000000000c0de0002';
    await world.request('anvil_setCode', meter, '0x5a5f5260205ff3');
    await world.mine(1);
    const collect: Hex = `0x602060405f5f73${meter.slice(2)}5afa5060205f526020602052606060${'00'}f3`;
    const rule = raw(collect);
    const to = sentinelAddress(rule.rule);
    const answer = (await world.request(
      'eth_call',
      { from: COLLECT_FROM, to, data: '0xe5225381', gas: numberToHex(COLLECT_GAS) },
      'latest',
      { [to]: { code: rule.bytecode } },
    )) as Hex;
    const [sample] = decodeAbiParameters([{ type: 'bytes' }], answer);
    const { said } = await hear(rule);
    assert.ok(said[0] !== undefined && 'values' in said[0]);
    assert.ok(BigInt(sample) > 1_900_000n);
    assert.equal(said[0].values[0], keccak256(sample));
  });

  it('is asked once a block, whoever names it, and not again for what is known', async () => {
    await world.mine(1);
    await codesOf(raw(SAMPLE, FIRE, { family: 'first' }));
    await world.mine(1);
    const before = providers[0].calls.length;
    const asked = () =>
      providers[0].calls.slice(before).filter(({ params }) => params.length === 3).length;
    const rules = [raw(SAMPLE), raw(SAMPLE, FIRE, { samples: 3, family: 'other' })].map(
      (rule, index) => ({
        ...rule,
        coverageId: word(index + 1),
      }),
    );
    await codesOf(...rules);
    assert.equal(asked(), 2);
    await world.mine(1);
    await codesOf(...rules);
    assert.equal(asked(), 3);
  });

  it('with a long window is heard once all of it was read, a bounded part a block', async () => {
    await world.mine(40);
    const rule = raw(SAMPLE, FIRE, { samples: 32 });
    const codes: string[] = [];
    for (let block = 0; block < 4; block++) {
      codes.push(...(await codesOf(rule)));
      await world.mine(1);
    }
    assert.deepEqual(codes, ['OVERLOADED', 'fires', 'fires', 'fires']);
  });

  it('that costs more time than gas, with whatever escrow, waits behind the others from then on', async () => {
    await world.mine(1);
    // 180,000 rounds of BLAKE2F for as much gas, told apart by a byte that nothing reads.
    const slow = (index: number): Hex =>
      `0x6202bf2060e01b5f5260405f60d55f60095afa50${FIRE.slice(2)}${numberToHex(index, { size: 1 }).slice(2)}`;
    const hostile = Array.from({ length: 12 }, (_, index) => ({
      ...raw(SAMPLE, slow(index)),
      coverageId: word(100 + index),
      escrow: 10n ** 20n,
    }));
    const honest = raw(SAMPLE);
    let code = '';
    for (let block = 0; block < 8; block++) {
      await world.mine(1);
      const { said } = await hear(...hostile, honest);
      const own = said.find(
        (one) => ('covered' in one ? one.covered : one).ruleId === honest.ruleId,
      );
      assert.ok(own !== undefined);
      code = 'code' in own ? own.code : 'fires';
    }
    assert.equal(code, 'fires');
  });

  it('says nothing of a block before its window lies behind the arming', async () => {
    await world.mine(3);
    const { block } = await reading.newest();
    const armed = (armedAt: bigint) =>
      covered(sentinelRule('raw', sentinelCode(SAMPLE, FIRE), { samples: 2 }), {
        phase: 'armed',
        armedAt,
      });
    assert.deepEqual(await codesOf(armed(block.height)), ['BEFORE_ARMING']);
    assert.deepEqual(await codesOf(armed(block.height - 1n)), ['fires']);
  });
});
