import { randomBytes } from 'node:crypto';
import { bytesToHex } from 'viem';
import {
  aggregate,
  publicKeyOf,
  secretFromSeed,
  signPoint,
  verifyAggregate,
} from '../../protocol/bls.ts';
import type { FastBls } from '../../protocol/bls-fast.ts';
import { faults } from '../../protocol/fault.ts';

const fault = faults<{ BLS_DISAGREE: { reference: boolean; fast: boolean } }>();

/** Enough for the engine to have compiled the curve's inner loops. */
const ROUNDS = 8;

/**
 * Both BLS libraries on throwaway keys, before the first block: a machine on which they disagree must not watch, and the
 * first real verdict should not be the one that waits for the compiler.
 */
export function checkBls(fast: FastBls): void {
  const secrets = [randomBytes(48), randomBytes(48)].map(secretFromSeed);
  const keys = secrets.map(publicKeyOf);
  for (let round = 0; round < ROUNDS; round++) {
    const digest = bytesToHex(randomBytes(32));
    const signatures = secrets.map((secret) => signPoint(secret, fast.hash(digest)));
    const reference = verifyAggregate(keys, digest, aggregate(signatures));
    const items = keys.map((key, index) => ({
      key: decoded(fast.decodeKey(key)),
      signature: decoded(fast.decodeSignature(signatures[index]!)),
    }));
    const agreed = fast.verifySameMessage(
      digest,
      items,
      items.map(() => BigInt(bytesToHex(randomBytes(16))) | 1n),
    );
    if (!reference || !agreed) throw fault('BLS_DISAGREE', { reference, fast: agreed });
  }
}

function decoded<T>(result: Readonly<{ ok: true; value: T } | { ok: false }>): T {
  if (!result.ok) throw fault('BLS_DISAGREE', { reference: true, fast: false });
  return result.value;
}
