import assert from 'node:assert/strict';
import { type Hex, padHex } from 'viem';
import type { CoveredRule } from '../../../node/lib/pipeline.ts';
import { covered, opinionsOver } from './opinions.ts';
import type { Proxy } from './proxy.ts';
import { createReading, type Reading } from './reading.ts';
import { type World, word } from './support.ts';

/** A word that one of two providers has otherwise. */
const OTHERWISE = 'bad'.repeat(21);

describe('the views of a hostile contract', () => {
  let reading: Reading;
  let world: World;
  let second: Proxy;
  let opinions: ReturnType<typeof opinionsOver>;
  let placed = 0xc0de00;

  before(async () => {
    reading = await createReading();
    ({ world } = reading);
  });
  after(() => world.stop());
  beforeEach(async () => {
    const { providers, observer } = await reading.begin();
    [, second] = providers;
    opinions = opinionsOver(observer, world.anvil.chain.id);
    await world.request('evm_setAutomine', false);
  });
  afterEach(() => reading.end());

  const place = async (code: Hex): Promise<Hex> => {
    const to = padHex(`0x${(++placed).toString(16)}`, { size: 20 });
    await world.request('anvil_setCode', to, code);
    return to;
  };
  const watching = (coverage: number, token: Hex, holder: number): CoveredRule =>
    covered(
      {
        name: `outflow-${holder}`,
        kind: 'detector',
        class: 'B',
        family: 'outflow',
        rung: 2,
        life: 600,
        detector: 'outflow@1.0.0',
        startBlock: 0,
        lookback: 1,
        parameters: {
          token,
          holder: padHex(`0x${holder.toString(16)}`, { size: 20 }),
          windowBlocks: 1,
        },
      },
      { coverageId: word(coverage) },
    );
  /** By coverage, what is said of a second block in a row. */
  const codesOf = async (rules: readonly CoveredRule[]) => {
    const codes = new Map<Hex, string>();
    for (let block = 0; block < 2; block++) {
      await world.mine(1);
      const said = await opinions.of({ ...(await reading.newest()), rules });
      codes.clear();
      for (const one of said) if ('code' in one) codes.set(one.coverageId, one.code);
    }
    return codes;
  };

  it('that providers answer differently keep no other coverage from being heard', async () => {
    const honest = watching(1, await place('0x60015f5260205ff3'), 1);
    const hostile = watching(2, await place(`0x7f0${OTHERWISE}5f5260205ff3`), 2);
    second.tamper = (_, result) =>
      typeof result === 'string' ? result.replaceAll(OTHERWISE, '0'.repeat(63)) : result;
    const codes = await codesOf([hostile, honest]);
    assert.deepEqual([...codes], [[hostile.coverageId, 'PROVIDERS_DISAGREE']]);
  });

  it('that burn their gas, as many as a block may hold, keep no other coverage from being heard', async () => {
    const honest = watching(1, await place('0x60015f5260205ff3'), 1);
    const burning = await place('0x5b5f56');
    const hostile = Array.from({ length: 48 }, (_, index) =>
      watching(2 + (index >> 4), burning, 100 + index),
    );
    const codes = await codesOf([...hostile, honest]);
    assert.equal(codes.get(honest.coverageId), undefined);
    assert.equal(codes.get(hostile[0]!.coverageId), 'ANSWER_UNUSABLE');
  });
});
