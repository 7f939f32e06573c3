/** Answers by name, the newest `limit` of them: computed when a name is asked for first. */
export type Memory<K, V> = (name: K, compute: () => V) => V;

/** An empty one. What `compute` throws is not kept. */
export function createMemory<K, V>(limit: number): Memory<K, V> {
  const known = new Map<K, V>();
  return (name, compute) => {
    if (known.has(name)) return known.get(name)!;
    const value = compute();
    known.set(name, value);
    const [oldest] = known.keys();
    if (known.size > limit && oldest !== undefined) known.delete(oldest);
    return value;
  };
}
