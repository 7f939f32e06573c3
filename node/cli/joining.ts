import type { Hex } from 'viem';
import { MAX_SEATS } from '../../protocol/quorum.ts';

/** A key that is registered and is no member; `paged` when it has been one, or others wrote its page. */
export type Candidate = Readonly<{ keyHash: Hex; key: Hex; weight: number; paged: boolean }>;

/** A member as the committee counts it. */
export type Member = Readonly<{ index: number; weight: number }>;

/** Keys that become members by one transaction, and the members whose places they take. */
export type Joining = Readonly<{ candidates: readonly Candidate[]; displaced: readonly number[] }>;

const KEYS_A_PAGE = 127;

/**
 * The next transaction, null when nobody else finds room. The heaviest go first; when there are 512 members each takes the
 * place of a lighter one, the lightest first. Keys with a page and keys without one go by different calls.
 */
export function nextJoining(
  candidates: readonly Candidate[],
  members: readonly Member[],
): Joining | null {
  const room = MAX_SEATS - members.length;
  const heaviest = candidates
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  const lightest = [...members].sort((a, b) => a.weight - b.weight);
  const [first] = heaviest;
  const batch = heaviest.filter(({ paged }) => paged === first?.paged).slice(0, KEYS_A_PAGE);
  const refused = batch.findIndex(
    ({ weight }, at) => at >= room && weight <= (lightest[at - room]?.weight ?? weight),
  );
  const joining = refused === -1 ? batch : batch.slice(0, refused);
  if (joining.length === 0) return null;
  const displaced = lightest.slice(0, Math.max(0, joining.length - room));
  return { candidates: joining, displaced: displaced.map(({ index }) => index) };
}
