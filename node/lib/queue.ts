/** A bounded queue for one consumer: when full the oldest item gives way and is counted. */
export type Queue<T> = AsyncIterable<T> &
  Readonly<{ push(item: T): void; close(): void; size(): number; dropped(): number }>;

/** Items pushed after `close` are lost; those pushed before are still read. */
export function createQueue<T>(
  capacity: number,
  onDrop: (item: T) => void = () => undefined,
): Queue<T> {
  const items: T[] = [];
  let dropped = 0;
  let closed = false;
  let wake: (() => void) | null = null;

  const push = (item: T) => {
    if (closed) return;
    if (items.length >= capacity) {
      onDrop(items.shift()!);
      dropped++;
    }
    items.push(item);
    wake?.();
  };
  const close = () => {
    closed = true;
    wake?.();
  };

  async function* read(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      while (items.length > 0) yield items.shift()!;
      if (closed) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = null;
    }
  }

  return {
    push,
    close,
    size: () => items.length,
    dropped: () => dropped,
    [Symbol.asyncIterator]: read,
  };
}
