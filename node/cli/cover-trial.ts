import type { PlannedRule } from './cover-change.ts';
import type { Head } from './cover-standing.ts';
import { tryDetector } from './cover-trial-detector.ts';
import { tryPredicate } from './cover-trial-predicate.ts';
import { trySentinel } from './cover-trial-sentinel.ts';
import type { Network } from './options.ts';

/** What a rule reads and what it says of the newest block, in words; `fires` is null where it could not be judged yet. */
export type Trial = Readonly<{ reads: string; says: string; fires: boolean | null }>;

/** Runs a rule as a watcher would; refuses one that no watcher could judge. */
export function tryRule(
  network: Network,
  head: Head,
  { named, rule }: PlannedRule,
): Promise<Trial> {
  switch (named.kind) {
    case 'predicate':
      return tryPredicate(network, head, named, rule);
    case 'sentinel':
      return trySentinel(network, head, named, rule);
    case 'detector':
      return tryDetector(network, head, named);
  }
}
