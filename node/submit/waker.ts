/** Lets many tasks wait for the next thing that happens, each with a deadline of its own. */
export type Waker = Readonly<{
  /** Until the next wake, or `milliseconds` where they are given. */
  wait: (milliseconds: number | null) => Promise<void>;
  wake: () => void;
  /** Wakes everybody for good. */
  close: () => void;
  closed: () => boolean;
}>;

/** A condition variable. */
export function createWaker(): Waker {
  const sleepers = new Set<() => void>();
  let closed = false;
  const wake = () => {
    for (const rise of sleepers) rise();
  };
  return {
    wait: (milliseconds) =>
      closed
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
