import { http } from 'viem';
import { Fault, faults } from '../../protocol/fault.ts';
import { type Call, createSocket, type Socket } from './socket.ts';
import { isSocketUrl, LARGEST_ANSWER } from './transport.ts';
import { createWaker, type Waker } from './waker.ts';

const fault = faults<{
  PROVIDER_UNREACHABLE: { provider: number; method: string };
  PROVIDER_REFUSED: { provider: number; method: string; error: number };
  PROVIDER_LAGS: { provider: number; method: string };
  PROVIDERS_DISAGREE: { method: string };
  ANSWER_INVALID: { provider: number; method: string };
}>();

const TIMEOUT_MS = 5_000;
const BATCH = 256;

/** Makes a value of a provider's answer, or throws: what it leaves out is not compared. */
export type Parse<T> = (answer: unknown) => T;

/** Asks a question, and answers what was made of the answer. */
export type Ask = <T>(method: string, params: readonly unknown[], parse: Parse<T>) => Promise<T>;

/** JSON-RPC over every provider; each is a witness, none an oracle. */
export type Providers = Readonly<{
  /** The answer that all providers give; a fault when one is silent, behind, malformed or gives another. */
  agreed: Ask;
  /** What comes first of asking each provider alone, for what proves itself; a fault when nothing comes of any. */
  first: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>;
  /** Each provider's own answer, for what may rightly differ; a fault when one gives none. */
  each: <T>(method: string, params: readonly unknown[], parse: Parse<T>) => Promise<readonly T[]>;
  /** Each provider's newest head: what it has told since the last time, or else its answer. */
  heads: <T>(parse: Parse<T>) => Promise<readonly T[]>;
  /** Whether every provider tells of new heads by itself. */
  areTelling: () => boolean;
  /** Wakes when one does. */
  told: Pick<Waker, 'count' | 'wait' | 'close'>;
  close: () => void;
}>;

/** How one provider is asked. */
type Provider = Readonly<{ request: (call: Call) => Promise<unknown>; socket: Socket | null }>;

/** Told of what providers are asked; nothing depends on it. */
export type RpcEvents = Readonly<{
  /** One question. */
  onCall?: (method: string) => void;
  /** One HTTP request, with as many questions as were asked in its turn, or one message of a WebSocket. */
  onRequest?: () => void;
}>;

/** Over HTTP, requests made in the same turn travel as one JSON-RPC batch a provider. */
export function createProviders(
  urls: readonly string[],
  { timeoutMs = TIMEOUT_MS, onCall, onRequest }: RpcEvents & Readonly<{ timeoutMs?: number }> = {},
): Providers {
  const batch = { batchSize: BATCH, wait: 0 };
  const told = createWaker();
  const overHttp = (url: string): Provider => ({
    request: http(url, {
      batch,
      retryCount: 0,
      timeout: timeoutMs,
      maxResponseBodySize: LARGEST_ANSWER,
      // What it answers would be sent instead.
      onFetchRequest: () => {
        onRequest?.();
      },
    })({}).request as Provider['request'],
    socket: null,
  });
  const overSocket = (url: string): Provider => {
    const socket = createSocket(url, {
      timeoutMs,
      largestAnswer: LARGEST_ANSWER,
      onHead: told.wake,
    });
    const request = (call: Call) => {
      onRequest?.();
      return socket.request(call);
    };
    return { request, socket };
  };
  const witnesses = urls.map((url) => (isSocketUrl(url) ? overSocket(url) : overHttp(url)));

  const ask = async <T>(
    provider: number,
    method: string,
    params: readonly unknown[],
    parse: Parse<T>,
  ): Promise<T> => {
    let answer: unknown;
    onCall?.(method);
    try {
      answer = await witnesses[provider]!.request({ method, params });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw fault('PROVIDER_UNREACHABLE', { provider, method }, error);
      throw fault('PROVIDER_REFUSED', { provider, method, error: refusal }, error);
    }
    try {
      return parse(answer);
    } catch (error) {
      throw error instanceof Fault ? error : fault('ANSWER_INVALID', { provider, method }, error);
    }
  };

  const each = <T>(
    method: string,
    params: readonly unknown[],
    parse: Parse<T>,
  ): Promise<readonly T[]> =>
    Promise.all(witnesses.map((_, provider) => ask(provider, method, params, parse)));

  const agreed = async <T>(
    method: string,
    params: readonly unknown[],
    parse: Parse<T>,
  ): Promise<T> => {
    const answers = await each(method, params, parse);
    const texts = answers.map(canonical);
    if (texts.every((text) => text === texts[0])) return answers[0]!;
    const behind = answers.indexOf(null as T);
    throw behind === -1
      ? fault('PROVIDERS_DISAGREE', { method })
      : fault('PROVIDER_LAGS', { provider: behind, method });
  };

  const first = <T>(work: (ask: Ask) => Promise<T>): Promise<T> =>
    Promise.any(witnesses.map((_, provider) => work((...asked) => ask(provider, ...asked)))).catch(
      (error: unknown) => {
        throw error instanceof AggregateError ? error.errors[0] : error;
      },
    );

  const headOf = async <T>(provider: number, parse: Parse<T>): Promise<T> => {
    const head = witnesses[provider]!.socket?.takeHead() ?? null;
    try {
      if (head !== null) return parse(head);
    } catch {
      // Some tell less of a head than they answer.
    }
    return ask(provider, 'eth_getBlockByNumber', ['latest', false], parse);
  };

  return {
    agreed,
    first,
    each,
    heads: (parse) => Promise.all(witnesses.map((_, provider) => headOf(provider, parse))),
    areTelling: () => witnesses.every(({ socket }) => socket?.isTelling() ?? false),
    told,
    close: () => {
      told.close();
      for (const { socket } of witnesses) socket?.close();
    },
  };
}

/** The JSON-RPC error code when the provider did answer; null when it did not. */
function refusalOf(error: unknown): number | null {
  for (let step: unknown = error; step instanceof Error; step = step.cause)
    if (step.name === 'RpcRequestError' && 'code' in step && typeof step.code === 'number')
      return step.code;
  return null;
}

/** One text for equal values: keys sorted, hex in lower case. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === 'bigint') return `${field}n`;
    if (typeof field === 'string') return field.toLowerCase();
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
