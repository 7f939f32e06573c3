import { z } from 'zod';
import type { Detector } from './detector.ts';
import { address, amount, bps, view, wordsOf } from './units.ts';

const parameters = z.strictObject({
  vault: address('vault whose shares are priced'),
  source: z
    .enum(['totals', 'convertToAssets'], 'must be "totals" or "convertToAssets"')
    .default('totals')
    .describe('totalAssets() over totalSupply(), or what ERC-4626 gives for oneShare'),
  oneShare: amount('shares that convertToAssets is asked for').default(10n ** 18n),
  minShares: amount('supply below which nothing can be said').default(1_000_000n),
  maxFallBps: bps('most that a share may lose in a block', 10_000).default(10),
  maxRiseBps: bps('most that a share may gain in a block', 1_000_000).default(50),
});

type Parameters = z.infer<typeof parameters>;
type Price = Readonly<{ height: bigint; assets: bigint; shares: bigint }>;

/** What a share is worth fell or rose within one block by more than may. Silent in volatile markets: no market price is read. */
export const sharePrice: Detector<Parameters, Price, Price | null> = {
  name: 'share-price',
  version: '1.0.0',
  class: 'B',
  family: 'share-price',
  parameters,
  lookback: () => 1,
  reads: ({ vault, source, oneShare }) =>
    source === 'totals'
      ? [
          view(vault, 'function totalAssets() view returns (uint256)'),
          view(vault, 'function totalSupply() view returns (uint256)'),
        ]
      : [
          view(vault, 'function convertToAssets(uint256) view returns (uint256)', [oneShare]),
          view(vault, 'function totalSupply() view returns (uint256)'),
        ],
  fact: ({ height, answers }, { source, oneShare, minShares }) => {
    const [assets] = wordsOf(answers[0], 1) ?? [];
    const [supply] = wordsOf(answers[1], 1) ?? [];
    if (assets === undefined || supply === undefined || supply < minShares) return null;
    const shares = source === 'totals' ? supply : oneShare;
    return shares === 0n ? null : { height, assets, shares };
  },
  start: null,
  fold: (_, price) => price,
  detect: (before, now, { maxFallBps, maxRiseBps }) => {
    if (before?.height !== now.height - 1n || before.assets === 0n) return 'unknown';
    // Cross-multiplied: no price is rounded before it is compared.
    const [was, is] = [before.assets * now.shares, now.assets * before.shares];
    const changeBps = ((is > was ? is - was : was - is) * 10_000n) / was;
    return changeBps > BigInt(is > was ? maxRiseBps : maxFallBps) ? changeBps : 'quiet';
  },
};
