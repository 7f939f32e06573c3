import type { Stream } from '@libp2p/interface';
import { messageStreamToDuplex } from '@libp2p/utils';
import * as lp from 'it-length-prefixed';
import { pipe } from 'it-pipe';
import { faults } from '../../protocol/fault.ts';
import { createQueue } from '../lib/queue.ts';

const fault = faults<{
  STREAM_ENDED: { protocol: string };
  STREAM_TOO_LONG: { protocol: string; bytes: number };
}>();

/** Length-prefixed frames over one stream, in both directions. */
export type Frames = Readonly<{
  read(): Promise<Uint8Array>;
  frames: AsyncIterable<Uint8Array>;
  write(frame: Uint8Array): void;
  /** Sends what was written and closes the stream. */
  end(): Promise<void>;
}>;

/** Bounds of one stream. `bytes` counts everything received on it, so a flood ends it. */
export type FrameLimits = Readonly<{ frame: number; bytes: number; signal: AbortSignal }>;

/** Takes the stream over; aborting the signal resets it. */
export function openFrames(stream: Stream, limits: FrameLimits): Frames {
  // Of a stream that was reset before, no event would tell: its reader would wait for ever.
  if (stream.status !== 'open') throw fault('STREAM_ENDED', { protocol: stream.protocol });
  const outgoing = createQueue<Uint8Array>(Number.POSITIVE_INFINITY);
  let received = 0;
  const abort = () => {
    outgoing.close();
    stream.abort(limits.signal.reason as Error);
  };
  stream.addEventListener('message', ({ data }) => {
    received += data.byteLength;
    if (received > limits.bytes)
      stream.abort(fault('STREAM_TOO_LONG', { protocol: stream.protocol, bytes: received }));
  });
  limits.signal.addEventListener('abort', abort, { once: true });
  const sent = Promise.withResolvers<void>();
  stream.addEventListener('close', () => {
    outgoing.close();
    sent.resolve();
    limits.signal.removeEventListener('abort', abort);
  });

  async function* written(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* outgoing;
    sent.resolve();
  }

  const incoming = pipe(
    written,
    (source) => lp.encode(source),
    messageStreamToDuplex(stream),
    (source) => lp.decode(source, { maxDataLength: limits.frame, maxLengthLength: 4 }),
  );

  async function* plain(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const frame of incoming) yield frame.subarray();
  }
  const frames = plain();

  const read = async () => {
    const next = await frames.next();
    if (next.done) throw fault('STREAM_ENDED', { protocol: stream.protocol });
    return next.value;
  };

  const end = async () => {
    outgoing.close();
    await sent.promise;
    await stream.close({ signal: limits.signal });
  };

  return { read, frames, write: outgoing.push, end };
}
