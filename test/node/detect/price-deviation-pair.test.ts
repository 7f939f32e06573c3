import assert from 'node:assert/strict';
import type { Abi, Hex } from 'viem';
import { deployPair, type Pair, sell } from '../../../devnet/uniswap.ts';
import { feedAbi, feedBytecode, tokenAbi, tokenBytecode } from '../../../protocol/abi.ts';
import { covered, opinionsOver } from '../observe/opinions.ts';
import { createReading, type Reading } from '../observe/reading.ts';

const [WETH, USDC, DOLLAR] = [10n ** 18n, 10n ** 6n, 10n ** 8n];
const WINDOW = 4;
const SECONDS = 12;

describe('price-deviation over a pair of Uniswap v2', () => {
  let reading: Reading;
  let opinions: ReturnType<typeof opinionsOver>;
  let tokens: Readonly<{ weth: Hex; usdc: Hex }>;
  let feed: Hex;
  let pair: Pair;

  const place = async (abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Hex> => {
    const { wallet, client } = reading.world.anvil;
    const hash = await wallet.deployContract({ abi, bytecode, args: [...args] });
    return (await client.waitForTransactionReceipt({ hash })).contractAddress!;
  };

  before(async () => {
    reading = await createReading();
    const { wallet } = reading.world.anvil;
    tokens = {
      weth: await place(tokenAbi, tokenBytecode, ['Ether', 'WETH', 18]),
      usdc: await place(tokenAbi, tokenBytecode, ['Dollar', 'USDC', 6]),
    };
    feed = await place(feedAbi, feedBytecode, [3_000n * DOLLAR, [wallet.account.address]]);
    pair = await deployPair(reading.world.anvil, [
      [tokens.weth, 1_000n * WETH],
      [tokens.usdc, 3_000_000n * USDC],
    ]);
  });
  after(() => reading.world.stop());
  beforeEach(async () => {
    const { observer } = await reading.begin();
    opinions = opinionsOver(observer, reading.world.anvil.chain.id);
  });
  afterEach(() => reading.end());

  const rule = () => {
    const isInverted = pair.token0.toLowerCase() !== tokens.weth.toLowerCase();
    const [decimals0, decimals1] = isInverted ? [6, 18] : [18, 6];
    return covered({
      name: 'weth',
      kind: 'detector',
      class: 'B',
      family: 'price',
      rung: 2,
      life: 600,
      detector: 'price-deviation@1.0.0',
      startBlock: 0,
      lookback: WINDOW,
      parameters: {
        feed: feed.toLowerCase(),
        pair: pair.address.toLowerCase(),
        isInverted,
        decimals0,
        decimals1,
        windowBlocks: WINDOW,
        maxDeviationBps: 800,
      },
    });
  };
  /** What is said of so many blocks: the measure in basis points, or quiet. Blocks of trades are only read later. */
  const said = async (blocks: number): Promise<readonly (bigint | string)[]> => {
    const heard: (bigint | string)[] = [];
    for (let block = 0; heard.length < blocks && block < 2 * blocks + 2; block++) {
      await reading.world.request('evm_increaseTime', SECONDS);
      await reading.world.mine(1);
      const state = await reading.newest();
      const [one] = await opinions.of({ ...state, rules: [rule()] });
      if (one === undefined) heard.push('quiet');
      else if ('measure' in one) heard.push(one.measure);
      else if (one.code !== 'FOLD_BEHIND') heard.push(one.code);
    }
    return heard;
  };
  const report = async (dollars: bigint) => {
    const { wallet, client } = reading.world.anvil;
    const args = [dollars * DOLLAR] as const;
    const call = { address: feed, abi: feedAbi, functionName: 'report', args } as const;
    await client.waitForTransactionReceipt({ hash: await wallet.writeContract(call) });
  };

  it('says nothing while both tell one price, whichever token comes first', async () => {
    assert.deepEqual(await said(WINDOW + 2), Array(WINDOW + 2).fill('quiet'));
  });

  it('forgives a pair that is bent for a block, and tells of one that stays bent', async () => {
    await said(WINDOW + 2);
    const { weth, usdc } = tokens;
    await sell(reading.world.anvil, pair, weth, 100n * WETH);
    await sell(reading.world.anvil, pair, usdc, 273_000n * USDC);
    assert.deepEqual(await said(WINDOW), Array(WINDOW).fill('quiet'));
    await sell(reading.world.anvil, pair, weth, 100n * WETH);
    const measures = await said(WINDOW + 1);
    const last = measures.at(-1);
    // A hundred more on a thousand: the price falls by a factor of 1.1 squared.
    assert.ok(typeof last === 'bigint' && last > 1_900n && last < 2_200n, `${last}`);
  });

  it('tells of a feed that leaves the pair, and is quiet once the pair has followed', async () => {
    await said(WINDOW + 2);
    await report(3_600n);
    const [first] = await said(1);
    assert.ok(typeof first === 'bigint' && first >= 1_900n, `${first}`);
    await report(3_000n);
    assert.deepEqual(await said(2), ['quiet', 'quiet']);
  });
});
