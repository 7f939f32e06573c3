import assert from 'node:assert/strict';
import { encodeFunctionData, type Hex, numberToHex, padHex } from 'viem';
import { manyAnswers, manyCalls, type Question } from '../../../node/observe/many-calls.ts';
import { registryAbi } from '../../../protocol/abi.ts';
import { createWorld, type World } from './support.ts';

const TERMS = { gas: 300_000, room: 352 };

describe('many calls in one', () => {
  let world: World;
  let questions: readonly Hex[];
  before(async () => {
    world = await createWorld();
    const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
    const coverageId = await world.cover([shape]);
    const abi = registryAbi;
    questions = [
      encodeFunctionData({ abi, functionName: 'coverage', args: [coverageId] }),
      encodeFunctionData({ abi, functionName: 'ruleState', args: [coverageId, coverageId] }),
      encodeFunctionData({ abi, functionName: 'anchor', args: [coverageId, coverageId] }),
      encodeFunctionData({ abi, functionName: 'struck', args: [1n] }),
      encodeFunctionData({ abi, functionName: 'nonce' }),
    ];
  });
  after(() => world.stop());

  const call = (request: object) => world.request('eth_call', request, 'latest');
  const together = async (asked: readonly Question[], terms = TERMS) =>
    manyAnswers(await call({ data: manyCalls(asked, terms) }), asked.length, terms);
  const ofRegistry = (data: Hex): Question => ({ to: world.domain.registry, data });
  const place = async (code: Hex): Promise<Hex> => {
    const to = padHex(`0x${(++placed).toString(16)}`, { size: 20 });
    await world.request('anvil_setCode', to, code);
    return to;
  };
  let placed = 0xc0de00;

  it('answer what each call answers alone, sixty-four at once', async () => {
    const asked = Array.from({ length: 64 }, (_, index) => ofRegistry(questions[index % 5]!));
    const alone = await Promise.all(asked.map(call));
    assert.deepEqual(await together(asked), alone);
  });

  it('answer nothing where there is no contract', async () => {
    const nowhere = { to: padHex('0xdead', { size: 20 }), data: '0x12345678' } as const;
    assert.deepEqual(await together([nowhere]), ['0x']);
  });

  for (const [what, code, answer] of [
    ['reverts', '0x5f5ffd', null],
    ['never ends', '0x5b5f56', null],
    ['writes', '0x60015f55', null],
    ['answers a byte too many', '0x6101615ff3', null],
    ['answers a megabyte', '0x620fffff5ff3', null],
    ['fills its room', '0x6101605ff3', padHex('0x', { size: 352 })],
    ['gives its input back', '0x365f5f37365ff3', '0x1234567890'],
    ['says how much gas it has', '0x5a5f5260205ff3', numberToHex(300_000 - 2, { size: 32 })],
  ] as const)
    it(`keep a contract that ${what} from the others`, async () => {
      const odd = { to: await place(code), data: '0x1234567890' } as const;
      const asked = [ofRegistry(questions[0]!), odd, ofRegistry(questions[4]!), odd];
      const [first, last] = [await call(asked[0]!), await call(asked[2]!)];
      assert.deepEqual(await together(asked), [first, answer, last, answer]);
    });

  it('give each question all its gas, or the whole call fails', async () => {
    const asked = Array.from({ length: 3 }, () => ofRegistry(questions[4]!));
    await together(asked, { gas: 9_000_000, room: 256 });
    await assert.rejects(together(asked, { gas: 30_000_000, room: 256 }));
  });

  for (const [what, answer] of [
    ['nothing', null],
    ['no bytes', '0x'],
    ['an answer too few', padHex('0x', { size: 288 })],
  ] as const)
    it(`are invalid when a provider gives ${what}`, () => {
      assert.throws(() => manyAnswers(answer, 2, TERMS), { code: 'CALLS_INVALID' });
    });
});
