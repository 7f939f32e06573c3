import { RpcRequestError, SocketClosedError, TimeoutError } from 'viem';
import { type RawData, WebSocket } from 'ws';
import { z } from 'zod';

/** A JSON-RPC call. */
export type Call = Readonly<{ method: string; params?: unknown }>;

/** Milliseconds of silence after which the system asks whether a connection still stands. */
const KEEP_ALIVE_MS = 30_000;

/** Bytes of a head, with room to spare: what is longer and was not asked for is not looked at. */
const LARGEST_HEAD = 64 * 1024;

/** JSON-RPC over one WebSocket. */
export type Socket = Readonly<{
  /** The answer to a call; throws RpcRequestError where the provider refuses it, another error where it is silent. */
  request: (call: Call) => Promise<unknown>;
  /** The newest head told since this was asked last; null where none was. */
  takeHead: () => unknown;
  /** Whether heads are told now: one was, since the connection opened. */
  isTelling: () => boolean;
  close: () => void;
}>;

/** What a socket is opened with; heads are told where somebody listens. */
export type SocketOptions = Readonly<{
  timeoutMs: number;
  largestAnswer: number;
  onHead?: () => void;
}>;

type Waiting = Readonly<{
  call: Call;
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
}>;

const answerSchema = z.object({
  id: z.number(),
  result: z.unknown().optional(),
  error: z
    .object({
      code: z.number(),
      message: z.string().default(''),
      data: z.unknown().optional(),
    })
    .nullish(),
});
const headSchema = z.object({
  method: z.literal('eth_subscription'),
  params: z.object({ subscription: z.string(), result: z.unknown() }),
});
const messageSchema = z.union([answerSchema, headSchema]);

/**
 * Opens at the first call, and again at the next one after it has ended: a caller that asks on brings it back. It keeps
 * no process alive that waits for nothing.
 */
export function createSocket(
  url: string,
  { timeoutMs, largestAnswer, onHead }: SocketOptions,
): Socket {
  const waiting = new Map<number, Waiting>();
  let current: WebSocket | null = null;
  let opened: Promise<WebSocket> | null = null;
  let subscription: unknown = null;
  let head: unknown = null;
  let [calls, heardAt] = [0, 0];
  let [isTelling, isClosed] = [false, false];

  const drop = (socket: WebSocket, error: Error = new SocketClosedError({ url })): void => {
    if (socket !== current) return;
    const wasTelling = subscription !== null;
    [current, opened, subscription, head] = [null, null, null, null];
    isTelling = false;
    socket.terminate();
    for (const { reject } of waiting.values()) reject(error);
    // Who was told is to ask again.
    if (wasTelling) onHead?.();
  };

  const hear = (text: string): void => {
    heardAt = performance.now();
    const said = messageIn(text);
    if (said === null) return;
    if ('method' in said) {
      if (said.params.subscription !== subscription) return;
      head = said.params.result;
      isTelling = true;
      onHead?.();
      return;
    }
    const asked = waiting.get(said.id);
    if (asked === undefined) return;
    const { error, result } = said;
    if (error === undefined || error === null) asked.resolve(result);
    else asked.reject(new RpcRequestError({ body: { ...asked.call }, error, url }));
  };

  const open = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, {
        handshakeTimeout: timeoutMs,
        maxPayload: largestAnswer,
        perMessageDeflate: false,
      });
      current = socket;
      socket.once('upgrade', ({ socket: stream }) => {
        stream.unref();
        stream.setKeepAlive(true, KEEP_ALIVE_MS);
      });
      socket.once('open', () => {
        resolve(socket);
        if (onHead !== undefined) subscribe();
      });
      socket.on('message', (data) => {
        const text = textOf(data);
        const isAsked = waiting.size > 0 || text.length <= LARGEST_HEAD;
        if (socket === current && isAsked) hear(text);
      });
      socket.on('error', (error) => {
        reject(error);
        drop(socket, error);
      });
      socket.once('close', () => {
        reject(new SocketClosedError({ url }));
        drop(socket);
      });
    });

  const request = async (call: Call): Promise<unknown> => {
    if (isClosed) throw new SocketClosedError({ url });
    const id = ++calls;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        waiting.set(id, { call, resolve, reject });
        const askedAt = performance.now();
        timer = setTimeout(() => {
          reject(new TimeoutError({ body: { ...call }, url }));
          // One call may be too much for a provider; a connection on which nothing comes is dead.
          if (current !== null && heardAt < askedAt) drop(current);
        }, timeoutMs);
        opened ??= open();
        opened
          .then((socket) => socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...call })))
          .catch(reject);
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
    }
  };

  const subscribe = (): void => {
    request({ method: 'eth_subscribe', params: ['newHeads'] }).then(
      (name) => {
        subscription = name;
        // A head may have come before.
        onHead?.();
      },
      // Who does not tell is asked.
      () => undefined,
    );
  };

  return {
    request,
    takeHead: () => {
      const told = head;
      head = null;
      return told;
    },
    isTelling: () => isTelling,
    close: () => {
      isClosed = true;
      if (current !== null) drop(current);
    },
  };
}

/** A message as ws gives it unless it is told otherwise. */
export const textOf = (data: RawData): string => (data as Buffer).toString('utf8');

function messageIn(text: string): z.infer<typeof messageSchema> | null {
  try {
    return messageSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
