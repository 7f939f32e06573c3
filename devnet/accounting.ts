/** What somebody is worth after one block, in US cents at the honest price. */
export type Worth = Readonly<{ height: bigint; cents: bigint }>;

/** Worth of an amount in US cents, rounded down; `price` in 1e-8 dollars. */
export const centsOf = (amount: bigint, decimals: number, price: bigint): bigint =>
  (amount * price * 100n) / (10n ** BigInt(decimals) * 10n ** 8n);

/** Share of `atRisk` that was not lost, in basis points, rounded down. */
export function keptBps(atRisk: bigint, lost: bigint): number {
  if (lost <= 0n) return 10_000;
  if (lost >= atRisk) return 0;
  return Number(((atRisk - lost) * 10_000n) / atRisk);
}

/** First block after which the attacker is worth more than at the start; null when it never is. */
export const firstLoss = (worths: readonly Worth[], start: bigint): bigint | null =>
  worths.find(({ cents }) => cents > start)?.height ?? null;

/** What the attacker has won after the last block, not below zero. */
export function gain(worths: readonly Worth[], start: bigint): bigint {
  const end = worths.at(-1)?.cents ?? start;
  return end > start ? end - start : 0n;
}

/** A debt above the collateral is left behind: a position is never worth less than nothing. */
export const equity = (collateral: bigint, debt: bigint): bigint =>
  collateral > debt ? collateral - debt : 0n;
