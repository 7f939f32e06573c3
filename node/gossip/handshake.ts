import { randomBytes } from 'node:crypto';
import type { Stream } from '@libp2p/interface';
import type { Hex, LocalAccount } from 'viem';
import { bytesToHex, concatBytes, hexToBytes, recoverTypedDataAddress } from 'viem';
import { Fault, faults } from '../../protocol/fault.ts';
import type { Domain } from '../../protocol/types.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import { openFrames } from './frames.ts';

const fault = faults<{
  HANDSHAKE_MALFORMED: { length: number };
  HANDSHAKE_REFUSED: { keyHash: Hex; signer: Hex };
}>();

const NONCE = 32;
const PROOF = 32 + 65;
const SATISFIED = Uint8Array.of(1);
const DEADLINE_MS = 5_000;

/** The seat a node speaks for: its BLS keys, and the hot submitter key that vouches for the peer. */
export type OwnSeat = Readonly<{ own: OwnKeys; account: LocalAccount }>;

/** What both ends need to bind the other's peer id to a seat. */
export type HandshakeDeps = Readonly<{
  domain: Domain;
  self: string;
  /** Null for an observer, who shows nothing. */
  account: LocalAccount | null;
  /** The key it speaks for: rosters change. */
  keyHash(): Hex | null;
  /** Submitter registered for the operator of a key, null when nobody holds it. */
  submitterOf(keyHash: Hex): Promise<Hex | null>;
  /** Asked first: the chain is not read for a key that no roster holds. */
  mayHaveSeat(keyHash: Hex): boolean;
}>;

/** What the other end signed; `isVouched` once the chain has named the signer as the key's submitter. */
export type Claim = Readonly<{ keyHash: Hex; signer: Hex; isVouched: boolean }>;

/**
 * One handshake: hellos with fresh nonces, then each end's proof, so that neither can be replayed at another peer
 * or later. Answers with what the other claims to be, null when it claims nothing.
 */
export async function shakeHands(
  deps: HandshakeDeps,
  stream: Stream,
  other: string,
  signal: AbortSignal,
): Promise<Claim | null> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const wire = openFrames(stream, { frame: 256, bytes: 1024, signal: limit });
  const mine = bytesToHex(randomBytes(NONCE));
  wire.write(hexToBytes(mine));
  const theirs = bytesToHex(sized(await wire.read(), NONCE));
  wire.write(
    await prove(deps, { signer: deps.self, other, signerNonce: mine, otherNonce: theirs }),
  );
  const proof = await wire.read();
  const binding = { signer: other, other: deps.self, signerNonce: theirs, otherNonce: mine };
  const claim = await verify(deps, proof, binding).catch((error: unknown) => {
    stream.abort(error as Error);
    throw error;
  });
  // Each end learns that the other was satisfied, so that whoever dialled knows whether to try again.
  wire.write(SATISFIED);
  sized(await wire.read(), SATISFIED.length);
  await wire.end();
  return claim;
}

/** Reads the chain for who may speak for the key of a claim. */
export async function vouch(
  { submitterOf }: Pick<HandshakeDeps, 'submitterOf'>,
  { keyHash, signer }: Claim,
): Promise<Claim> {
  const submitter = await submitterOf(keyHash);
  if (submitter?.toLowerCase() !== signer.toLowerCase())
    throw fault('HANDSHAKE_REFUSED', { keyHash, signer });
  return { keyHash, signer, isVouched: true };
}

/** True when an error says that a claim is false, not that the chain could not be read. */
export const isRefused = (error: unknown): boolean =>
  error instanceof Fault && error.code === 'HANDSHAKE_REFUSED';

type Binding = Readonly<{ signer: string; other: string; signerNonce: Hex; otherNonce: Hex }>;

const types = {
  Handshake: [
    { name: 'keyHash', type: 'bytes32' },
    { name: 'signer', type: 'string' },
    { name: 'other', type: 'string' },
    { name: 'signerNonce', type: 'bytes32' },
    { name: 'otherNonce', type: 'bytes32' },
  ],
} as const;

const typedData = ({ chainId, registry }: Domain, keyHash: Hex, binding: Binding) =>
  ({
    domain: { name: 'Tocsin', version: '1', chainId: Number(chainId), verifyingContract: registry },
    types,
    primaryType: 'Handshake',
    message: { keyHash, ...binding },
  }) as const;

/** An empty frame shows nothing. */
async function prove(
  { domain, account, ...deps }: HandshakeDeps,
  binding: Binding,
): Promise<Uint8Array> {
  const keyHash = deps.keyHash();
  if (account === null || keyHash === null) return new Uint8Array();
  const signature = await account.signTypedData(typedData(domain, keyHash, binding));
  return concatBytes([hexToBytes(keyHash), hexToBytes(signature)]);
}

async function verify(
  deps: HandshakeDeps,
  proof: Uint8Array,
  binding: Binding,
): Promise<Claim | null> {
  if (proof.length === 0) return null;
  sized(proof, PROOF);
  const keyHash = bytesToHex(proof.slice(0, 32));
  const signature = bytesToHex(proof.slice(32));
  const signer = await recoverTypedDataAddress({
    ...typedData(deps.domain, keyHash, binding),
    signature,
  });
  const claim = { keyHash, signer, isVouched: false };
  return deps.mayHaveSeat(keyHash) ? vouch(deps, claim) : claim;
}

function sized(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw fault('HANDSHAKE_MALFORMED', { length: bytes.length });
  return bytes;
}
