/** The value that a share of all values does not exceed, by nearest rank; null of no values. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * share), 1) - 1] ?? null;
}

/** The usual three; null of no values. */
export const ranks = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p95: percentile(values, 0.95),
  p99: percentile(values, 0.99),
});

/** Median and largest value; null of no values. */
export const spread = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  max: percentile(values, 1),
});

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Cut to one decimal. */
export const tenths = (value: number): number => Math.round(value * 10) / 10;

/** How a curve goes: both its ends, the means of its second and last thirds, and by how much the last is above. */
export function curveOf(values: readonly number[]) {
  const third = Math.floor(values.length / 3);
  const [second, last] = [values.slice(-2 * third, -third), values.slice(-third)].map(mean) as [
    number,
    number,
  ];
  return {
    first: tenths(values[0]!),
    last: tenths(values.at(-1)!),
    secondThird: tenths(second),
    lastThird: tenths(last),
    growth: Math.round((last / second - 1) * 1_000) / 1_000,
  };
}
