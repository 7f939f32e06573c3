import { randomBytes } from 'node:crypto';
import type { Hex } from 'viem';
import type { FastItem } from '../../protocol/bls-fast.ts';
import type { Seat } from '../../protocol/types.ts';
import type { Keyring } from '../lib/keyring.ts';
import { createMicroBatch } from '../lib/micro-batch.ts';

/** One claim that a seat signed a digest. */
export type Claim = Readonly<{ digest: Hex; seat: Seat; signature: Uint8Array }>;

/** Verifies claims together. */
export type Verification = ReturnType<typeof createVerification>;

/**
 * Gathers claims for a moment and verifies those of one digest at once, each under a coefficient nobody can foresee:
 * false signatures that would cancel in a plain sum are found, one by one. Null means overloaded, not judged.
 */
export function createVerification(
  keyring: Keyring,
  options: Readonly<{ windowMs: number; capacity: number; batch: number }>,
) {
  const { fast, keyOf } = keyring;

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

  return { verify: add, verifyAggregate: keyring.verifyAggregate, pending };
}

/** 128 random bits, never zero. */
const coefficient = (): bigint => BigInt(`0x${randomBytes(16).toString('hex')}`) || 1n;
