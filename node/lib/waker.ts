/** Lets many tasks wait for the next thing that happens, each with a deadline of its own. */
export type Waker = Readonly<{
  /** How often it has woken; what happens after this number was read is never missed. */
  count: () => number;
  /** Until it has woken more often than `since`, or for `milliseconds` where they are given. */
  wait: (since: number, milliseconds: number | null) => Promise<void>;
  wake: () => void;
  /** Wakes everybody for good. */
  close: () => void;
  closed: () => boolean;
}>;

/** A condition variable. */
export function createWaker(): Waker {
  const sleepers = new Set<() => void>();
  let count = 0;
  let closed = false;
  const wake = () => {
    count++;
    for (const rise of sleepers) rise();
  };
  return {
    count: () => count,
    wait: (since, milliseconds) =>
      closed || count > since
        ? Promise.resolve()
        : new Promise((resolve) => {
            const rise = () => {
              clearTimeout(timer);
              sleepers.delete(rise);
              resolve();
            };
            const timer =
              milliseconds === null ? undefined : setTimeout(rise, Math.max(0, milliseconds));
            sleepers.add(rise);
          }),
    wake,
    close: () => {
      closed = true;
      wake();
    },
    closed: () => closed,
  };
}
