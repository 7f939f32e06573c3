/** Runs one piece of work at a time, in the order asked for. */
export type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** A lock of its own; a failed piece of work does not fail the next. */
export function createLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
