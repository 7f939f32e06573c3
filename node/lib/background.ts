/** Work that nobody waits for. */
export type Background = ReturnType<typeof createBackground>;

/** Bounded for each owner and in all: one whose work never ends keeps nobody else's from being begun. */
export function createBackground({
  perOwner,
  inAll,
}: Readonly<{ perOwner: number; inAll: number }>) {
  const running = new Set<Promise<void>>();
  const counts = new Map<string, number>();
  let failure: { error: unknown } | null = null;

  const count = (owner: string, difference: number) => {
    const left = (counts.get(owner) ?? 0) + difference;
    if (left > 0) counts.set(owner, left);
    else counts.delete(owner);
  };

  return {
    /** False when there is no room, and nothing was begun. */
    begin: (owner: string, work: () => Promise<void>): boolean => {
      if (running.size >= inAll || (counts.get(owner) ?? 0) >= perOwner) return false;
      count(owner, 1);
      const task = work()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          running.delete(task);
          count(owner, -1);
        });
      running.add(task);
      return true;
    },
    /** Throws the first error of all that has ended. */
    check: (): void => {
      if (failure !== null) throw failure.error;
    },
    settled: async (): Promise<void> => void (await Promise.all(running)),
  };
}
