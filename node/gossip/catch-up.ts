import type { Stream } from '@libp2p/interface';
import { hexToBytes, numberToHex } from 'viem';
import type { Attestation, Certificate } from '../../protocol/types.ts';
import {
  encodeAttestation,
  encodeCertificate,
  MAX_CERTIFICATE_BYTES,
} from '../../protocol/wire.ts';
import { openFrames } from './frames.ts';

/** Frames of one answer; the newest come first, so what is cut off is the oldest. Certificates take half at most. */
const MAX_FRAMES = 4096;
const MAX_CERTIFICATES = MAX_FRAMES / 2;
const MAX_FRAME = 1 + MAX_CERTIFICATE_BYTES;
const DEADLINE_MS = 15_000;

const ATTESTATION = 1;
const CERTIFICATE = 2;

/** One thing a peer had that this node may have missed, not yet judged. */
export type Missed = Readonly<{ channel: 'attestation' | 'certificate'; bytes: Uint8Array }>;

/** What a node can tell a peer that was away. */
export type CatchUpSource = Readonly<{
  attestations(from: bigint): readonly Attestation[];
  certificates(): readonly Certificate[];
}>;

/** Asks for attestations from a height on, and for certificates that are not final. */
export async function* askMissed(
  stream: Stream,
  from: bigint,
  signal: AbortSignal,
): AsyncGenerator<Missed, void, undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const wire = openFrames(stream, { frame: MAX_FRAME, bytes: MAX_FRAMES * 512, signal: limit });
  wire.write(hexToBytes(numberToHex(from, { size: 8 })));
  let frames = 0;
  for await (const frame of wire.frames) {
    if (++frames > MAX_FRAMES) break;
    const bytes = frame.slice(1);
    if (frame[0] === ATTESTATION) yield { channel: 'attestation', bytes };
    else if (frame[0] === CERTIFICATE) yield { channel: 'certificate', bytes };
  }
  await wire.end();
}

/** Answers one such question. */
export async function answerMissed(
  stream: Stream,
  source: CatchUpSource,
  signal: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const wire = openFrames(stream, { frame: 8, bytes: 64, signal: limit });
  const from = BigInt(`0x${Buffer.from(await wire.read()).toString('hex') || '0'}`);
  for (const frame of framesOf(source, from)) wire.write(frame);
  await wire.end();
}

/** The frames of an answer; what is cut off is not encoded either. */
export function* framesOf(
  source: CatchUpSource,
  from: bigint,
): Generator<Uint8Array, void, undefined> {
  const certificates = source.certificates().slice(0, MAX_CERTIFICATES);
  const attestations = source.attestations(from).slice(0, MAX_FRAMES - certificates.length);
  for (const certificate of certificates) yield framed(CERTIFICATE, encodeCertificate(certificate));
  for (const attestation of attestations) yield framed(ATTESTATION, encodeAttestation(attestation));
}

const framed = (kind: number, bytes: Uint8Array) => Uint8Array.of(kind, ...bytes);
