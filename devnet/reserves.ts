/** One asset of the market: price in 1e-8 dollars, factors in basis points, caps in whole tokens. */
export type ReserveSettings = Readonly<{
  symbol: string;
  decimals: number;
  price: bigint;
  ltv: bigint;
  threshold: bigint;
  bonus: bigint;
  borrowable: boolean;
  supplyCap: bigint;
  borrowCap: bigint;
}>;

/** WBTC is collateral only, as on many markets: whoever is short of health can add it while borrowing is frozen. */
export const defaultReserves: readonly ReserveSettings[] = [
  {
    symbol: 'USDC',
    decimals: 6,
    price: 100_000_000n,
    ltv: 7_700n,
    threshold: 8_000n,
    bonus: 10_450n,
    borrowable: true,
    supplyCap: 100_000_000n,
    borrowCap: 60_000_000n,
  },
  {
    symbol: 'WETH',
    decimals: 18,
    price: 3_000_00000000n,
    ltv: 8_000n,
    threshold: 8_250n,
    bonus: 10_500n,
    borrowable: true,
    supplyCap: 50_000n,
    borrowCap: 30_000n,
  },
  {
    symbol: 'WBTC',
    decimals: 8,
    price: 60_000_00000000n,
    ltv: 7_300n,
    threshold: 7_800n,
    bonus: 10_650n,
    borrowable: false,
    supplyCap: 2_000n,
    borrowCap: 1n,
  },
];
