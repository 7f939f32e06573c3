import assert from 'node:assert/strict';
import { encodeFunctionData, type Hex, padHex } from 'viem';
import { manyAnswers, manyCalls, QUESTIONS } from '../../../node/observe/many-calls.ts';
import { registryAbi } from '../../../protocol/abi.ts';
import { createWorld, type World } from './support.ts';

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
  const together = async (to: Hex, inputs: readonly Hex[]) =>
    manyAnswers(await call({ data: manyCalls(to, inputs) }), inputs.length);

  it('answer what each call answers alone, as many as are allowed', async () => {
    const to = world.domain.registry;
    const inputs = Array.from({ length: QUESTIONS }, (_, index) => questions[index % 5]!);
    const alone = await Promise.all(inputs.map((data) => call({ to, data })));
    assert.deepEqual(await together(to, inputs), alone);
  });

  it('answer nothing where there is no contract', async () => {
    assert.deepEqual(await together(padHex('0xdead', { size: 20 }), questions.slice(0, 2)), [
      '0x',
      '0x',
    ]);
  });

  it('all fail with one that reverts', async () => {
    const unknown = encodeFunctionData({
      abi: registryAbi,
      functionName: 'coverage',
      args: [padHex('0x01')],
    });
    await assert.rejects(together(world.domain.registry, [...questions, unknown]));
  });

  for (const [what, answer] of [
    ['nothing', null],
    ['no bytes', '0x'],
    ['an answer too few', padHex('0x', { size: 288 })],
    ['an answer longer than its room', `0x${'ff'.repeat(576)}`],
  ] as const)
    it(`are invalid when a provider gives ${what}`, () => {
      assert.throws(() => manyAnswers(answer, 2), { code: 'CALLS_INVALID' });
    });
});
