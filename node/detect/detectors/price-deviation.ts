import { z } from 'zod';
import type { Detector, Judgement } from './detector.ts';
import { address, amount, blocks, bps, decimals, seconds, view, wordsOf } from './units.ts';
import { valuesWithin, type Window, widened } from './window.ts';

const parameters = z.strictObject({
  feed: address('feed with latestRoundData()'),
  feedDecimals: decimals('decimals of the feed').default(8),
  pair: address('Uniswap v2 pair'),
  decimals0: decimals("decimals of the pair's token0").default(18),
  decimals1: decimals("decimals of the pair's token1").default(18),
  isInverted: z
    .boolean('must be true or false')
    .default(false)
    .describe('the feed prices token1 in token0, not token0 in token1'),
  windowBlocks: blocks('time over which the price is averaged', 7_200).default(150),
  maxDeviationBps: bps('most that the two may differ, of the lower', 1_000_000).default(800),
  maxAgeSeconds: seconds('age of the answer above which nothing can be said').default(4_200),
  minReserve: amount('reserve of the priced token below which nothing can be said').default(0n),
});

type Parameters = z.infer<typeof parameters>;

/** `cumulative` is the sum of price times seconds up to the block, with 112 bits of fraction, modulo 2^256. */
type Prices = Readonly<{ height: bigint; timestamp: bigint; cumulative: bigint; answer: bigint }>;
type Mark = Pick<Prices, 'timestamp' | 'cumulative'>;

/** A feed answers another price than a pair had on average. In a crash both move, so that this stays quiet. */
export const priceDeviation: Detector<Parameters, Prices, Window<Mark>> = {
  name: 'price-deviation',
  version: '1.0.0',
  class: 'B',
  family: 'price',
  parameters,
  lookback: ({ windowBlocks }) => windowBlocks,
  reads: ({ feed, pair, isInverted }) => [
    view(
      feed,
      'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
    ),
    view(pair, 'function getReserves() view returns (uint112, uint112, uint32)'),
    view(pair, `function price${isInverted ? 1 : 0}CumulativeLast() view returns (uint256)`),
  ],
  fact: ({ height, timestamp, answers }, { isInverted, maxAgeSeconds, minReserve }) => {
    const [, answer, , updatedAt] = wordsOf(answers[0], 5) ?? [];
    const [reserve0, reserve1, at] = wordsOf(answers[1], 3) ?? [];
    const [last] = wordsOf(answers[2], 1) ?? [];
    if (answer === undefined || updatedAt === undefined || last === undefined) return null;
    if (reserve0 === undefined || reserve1 === undefined || at === undefined) return null;
    const [priced, other] = isInverted ? [reserve1, reserve0] : [reserve0, reserve1];
    const isStale = updatedAt > timestamp || timestamp - updatedAt > BigInt(maxAgeSeconds);
    // int256: the upper half is negative.
    const isPrice = answer > 0n && answer < 2n ** 255n && !isStale;
    if (!isPrice || priced === 0n || other === 0n || priced < minReserve) return null;
    if (priced >= Q112 || other >= Q112) return null;
    // The pair adds up when it is used; since then its price was that of its reserves. Its clock has 32 bits.
    const since = (timestamp - at) & 0xffff_ffffn;
    const cumulative = (last + ((other * Q112) / priced) * since) & (2n ** 256n - 1n);
    return { height, timestamp, cumulative, answer };
  },
  start: [],
  fold: (window, { height, timestamp, cumulative }, { windowBlocks }) =>
    widened(window, height, windowBlocks, { timestamp, cumulative }, (first) => first),
  detect: (window, now, given) => {
    const [first] = valuesWithin(window, now.height, given.windowBlocks);
    return first === undefined || first.timestamp >= now.timestamp
      ? 'unknown'
      : deviation(first, now, given);
  },
};

const Q112 = 2n ** 112n;

/** Both prices over one denominator: nothing is rounded before they are compared. */
function deviation(first: Mark, now: Prices, given: Parameters): Judgement {
  const { feedDecimals, decimals0, decimals1, isInverted, maxDeviationBps } = given;
  const [priced, other] = isInverted ? [decimals1, decimals0] : [decimals0, decimals1];
  const sum = (now.cumulative - first.cumulative) & (2n ** 256n - 1n);
  const mean = sum * 10n ** BigInt(priced + feedDecimals);
  const said = now.answer * Q112 * (now.timestamp - first.timestamp) * 10n ** BigInt(other);
  const [low, high] = mean < said ? [mean, said] : [said, mean];
  if (low === 0n) return 'unknown';
  const bps = ((high - low) * 10_000n) / low;
  return bps > BigInt(maxDeviationBps) ? bps : 'quiet';
}
