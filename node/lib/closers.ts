/** What has been opened and must be closed. */
export type Closers = Readonly<{
  add: (close: () => Promise<void>) => void;
  /** Everything, the last opened first, one at a time; what fails does not keep the rest open and is thrown at the end. */
  close: () => Promise<void>;
}>;

/** A stack of closers, empty. */
export function createClosers(): Closers {
  const closers: (() => Promise<void>)[] = [];
  return {
    add: (close) => void closers.push(close),
    close: async () => {
      const failures: unknown[] = [];
      for (let next = closers.pop(); next !== undefined; next = closers.pop())
        await next().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}
