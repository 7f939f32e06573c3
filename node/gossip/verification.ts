import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import type { FastBls, FastItem, FastKey } from '../../protocol/bls-fast.ts';
import type { Seat } from '../../protocol/types.ts';
import { createMicroBatch } from '../lib/micro-batch.ts';

/** One claim that a seat signed a digest. */
export type Claim = Readonly<{ digest: Hex; seat: Seat; signature: Uint8Array }>;

/** Verifies claims together. */
export type Verification = ReturnType<typeof createVerification>;

/** Keys kept decoded: several rosters' worth. */
const KEYS = 2048;

/**
 * Gathers claims for a moment and verifies those of one digest at once, each under a coefficient nobody can foresee:
 * false signatures that would cancel in a plain sum are found, one by one. Null means overloaded, not judged.
 */
export function createVerification(
  fast: FastBls,
  options: Readonly<{ windowMs: number; capacity: number; batch: number }>,
) {
  const keys = new Map<Hex, FastKey>();

  const keyOf = ({ key, keyHash }: Seat): FastKey | null => {
    const known = keys.get(keyHash);
    if (known !== undefined) return known;
    const decoded = fast.decodeKey(key);
    if (!decoded.ok) return null;
    const [oldest] = keys.keys();
    if (keys.size >= KEYS && oldest !== undefined) keys.delete(oldest);
    keys.set(keyHash, decoded.value);
    return decoded.value;
  };

  const itemOf = ({ seat, signature }: Claim): FastItem | null => {
    const key = keyOf(seat);
    const decoded = fast.decodeSignature(signature);
    return key !== null && decoded.ok ? { key, signature: decoded.value } : null;
  };

  const run = (claims: readonly Claim[]): readonly boolean[] => {
    const valid = claims.map(() => false);
    const groups = new Map<Hex, { at: number; item: FastItem }[]>();
    claims.forEach((claim, at) => {
      const item = itemOf(claim);
      if (item !== null)
        groups.set(claim.digest, [...(groups.get(claim.digest) ?? []), { at, item }]);
    });
    for (const [digest, group] of groups) {
      const invalid = new Set(
        fast.findInvalid(
          digest,
          group.map(({ item }) => item),
          coefficient,
        ),
      );
      group.forEach(({ at }, i) => {
        valid[at] = !invalid.has(i);
      });
    }
    return valid;
  };

  const { add, pending } = createMicroBatch<Claim, boolean>(run, options);

  /** Whether all `seats` signed, as their aggregate signature claims. */
  const verifyAggregate = (digest: Hex, seats: readonly Seat[], signature: Uint8Array): boolean => {
    const known = seats.map(keyOf).filter((key) => key !== null);
    const decoded = fast.decodeSignature(signature);
    if (known.length === 0 || known.length !== seats.length || !decoded.ok) return false;
    return fast.verify(fast.sumKeys(known), digest, decoded.value);
  };

  return { verify: add, verifyAggregate, pending };
}

/** 128 random bits, never zero. */
const coefficient = (): bigint => BigInt(`0x${randomBytes(16).toString('hex')}`) || 1n;
