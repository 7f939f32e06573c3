/** Parts that a window is remembered in: what a state may weigh, however long the window is. */
const PARTS = 64n;

/** One value of each part of the blocks behind, oldest first. */
export type Window<T> = readonly Readonly<{ part: bigint; value: T }>[];

/**
 * A window with the value of one more block. Parts lie at fixed heights, so that two watchers who began at different
 * blocks remember the same once both have seen the window; `merge` makes one value of two blocks of a part.
 */
export function widened<T>(
  window: Window<T>,
  height: bigint,
  blocks: number,
  value: T,
  merge: (older: T, newer: T) => T,
): Window<T> {
  const part = height / sizeOf(blocks);
  const kept = window.filter((item) => startOf(item.part, blocks) >= height - BigInt(blocks));
  const last = kept.at(-1);
  return last?.part === part
    ? [...kept.slice(0, -1), { part, value: merge(last.value, value) }]
    : [...kept, { part, value }];
}

/** The values of parts that lie wholly within so many blocks before `height`: the oldest part may be left out. */
export const valuesWithin = <T>(window: Window<T>, height: bigint, blocks: number): readonly T[] =>
  window
    .filter(({ part }) => startOf(part, blocks) >= height - BigInt(blocks))
    .map(({ value }) => value);

const sizeOf = (blocks: number) => (BigInt(blocks) + PARTS - 1n) / PARTS;

const startOf = (part: bigint, blocks: number) => part * sizeOf(blocks);
