/** Asks about all blocks from one to another. */
type AskSpan<T> = (from: bigint, to: bigint) => Promise<readonly T[]>;

/** Halved for as long as a provider gives no answer: providers bound blocks, logs or bytes. */
export async function inHalves<T>(
  from: bigint,
  to: bigint,
  ask: AskSpan<T>,
): Promise<readonly T[]> {
  try {
    return await ask(from, to);
  } catch (error) {
    if (from >= to) throw error;
    const middle = (from + to) / 2n;
    const first = await inHalves(from, middle, ask);
    return [...first, ...(await inHalves(middle + 1n, to, ask))];
  }
}

/** Blocks that are asked about at once: providers answer for no more than some thousands. */
const PAGE = 1_024n;

/** Page by page, each of them halved where it must be. */
export async function inPages<T>(from: bigint, to: bigint, ask: AskSpan<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for (let first = from; first <= to; first += PAGE) {
    const last = first + PAGE - 1n;
    found.push(...(await inHalves(first, last < to ? last : to, ask)));
  }
  return found;
}
