import type { Hex } from 'viem';
import type { FastBls, FastKey, FastSignature } from '../../protocol/bls-fast.ts';
import { createMemory } from '../../protocol/memory.ts';
import type { Seat } from '../../protocol/types.ts';

/** Keys kept decoded: several rosters' worth. */
const KEYS = 2048;

/** The keys of seats, each decoded and checked once. */
export type Keyring = ReturnType<typeof createKeyring>;

/** Of the hot path's library; gossip and aggregate share one. */
export function createKeyring(fast: FastBls) {
  const keys = createMemory<Hex, FastKey | null>(KEYS);
  const signatures = new WeakMap<Uint8Array, FastSignature | null>();
  const aggregates = new WeakMap<Uint8Array, string>();

  /** Null when the bytes are no key. */
  const keyOf = ({ key, keyHash }: Seat): FastKey | null =>
    keys(keyHash, () => {
      const decoded = fast.decodeKey(key);
      return decoded.ok ? decoded.value : null;
    });

  /** Null when the bytes are no signature. Remembered with the very array: gossip decodes what aggregate sums. */
  const signatureOf = (signature: Uint8Array): FastSignature | null => {
    const known = signatures.get(signature);
    if (known !== undefined) return known;
    const decoded = fast.decodeSignature(signature);
    const point = decoded.ok ? decoded.value : null;
    signatures.set(signature, point);
    return point;
  };

  /** Whether all `seats` signed, as their aggregate signature claims. What was found true is remembered with the very array. */
  const verifyAggregate = (digest: Hex, seats: readonly Seat[], signature: Uint8Array): boolean => {
    const claim = [digest, ...seats.map(({ keyHash }) => keyHash)].join();
    if (aggregates.get(signature) === claim) return true;
    const known = seats.map(keyOf).filter((key) => key !== null);
    const point = signatureOf(signature);
    if (known.length === 0 || known.length !== seats.length || point === null) return false;
    const isValid = fast.verify(fast.sumKeys(known), digest, point);
    if (isValid) aggregates.set(signature, claim);
    return isValid;
  };

  return { fast, keyOf, signatureOf, verifyAggregate };
}
