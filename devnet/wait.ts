import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fault } from './refusal.ts';

/** Asks until the answer is there; throws at the deadline or as soon as `signal` is aborted. */
export async function until<T>(
  waitedFor: string,
  ask: () => Promise<T | null | undefined | false>,
  {
    seconds = 30,
    everyMs = 50,
    signal,
  }: { seconds?: number; everyMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const deadline = Date.now() + seconds * 1_000;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw fault('TIMED_OUT', { waitedFor, seconds });
    await pause(everyMs, undefined, signal === undefined ? {} : { signal });
  }
}

/** Maps with at most `width` at work. */
export async function pooled<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

/** The work's answer, unless somebody asks to stop first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const listening = new AbortController();
  const stopped = once(signal, 'abort', { signal: listening.signal }).then(() =>
    signal.throwIfAborted(),
  );
  stopped.catch(() => undefined);
  try {
    return (await Promise.race([work, stopped])) as T;
  } finally {
    listening.abort();
  }
}
