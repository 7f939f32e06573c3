/** Gathers what arrives within a few milliseconds and works it off together. */
export type MicroBatch<T, R> = Readonly<{
  /** Null when the batch was full and the item was not looked at. */
  add(item: T): Promise<R | null>;
  pending(): number;
}>;

/** `run` answers in the order of its items; it is never entered twice at once. */
export function createMicroBatch<T, R>(
  run: (items: readonly T[]) => Promise<readonly R[]> | readonly R[],
  options: Readonly<{ windowMs: number; capacity: number; batch: number }>,
): MicroBatch<T, R> {
  type Entry = Readonly<{ item: T; resolve(result: R): void; reject(error: unknown): void }>;
  let waiting: Entry[] = [];
  let running = false;

  const work = async () => {
    const entries = waiting.slice(0, options.batch);
    waiting = waiting.slice(options.batch);
    try {
      const results = await run(entries.map(({ item }) => item));
      entries.forEach((entry, i) => entry.resolve(results[i] as R));
    } catch (error) {
      for (const entry of entries) entry.reject(error);
    }
    if (waiting.length === 0) running = false;
    else setTimeout(() => void work(), 0);
  };

  return {
    add(item) {
      if (waiting.length >= options.capacity) return Promise.resolve(null);
      return new Promise<R>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (running) return;
        running = true;
        setTimeout(() => void work(), options.windowMs);
      });
    },
    pending: () => waiting.length,
  };
}
