import { http, webSocket } from 'viem';
import { Fault, faults } from '../../protocol/fault.ts';

const fault = faults<{
  PROVIDER_UNREACHABLE: { provider: number; method: string };
  PROVIDER_REFUSED: { provider: number; method: string; error: number };
  PROVIDER_LAGS: { provider: number; method: string };
  PROVIDERS_DISAGREE: { method: string };
  ANSWER_INVALID: { provider: number; method: string };
}>();

const TIMEOUT_MS = 5_000;
const BATCH = 256;
const LARGEST_ANSWER = 16 * 1024 * 1024;
const RESUBSCRIBE_MS = 1_000;

/** Makes a value of a provider's answer, or throws: what it leaves out is not compared. */
export type Parse<T> = (answer: unknown) => T;

/** JSON-RPC over every provider; each is a witness, none an oracle. */
export type Providers = Readonly<{
  /** The answer that all providers give; a fault when one is silent, behind, malformed or gives another. */
  agreed: <T>(method: string, params: readonly unknown[], parse: Parse<T>) => Promise<T>;
  /** Each provider's own answer, for what may rightly differ; a fault when one gives none. */
  each: <T>(method: string, params: readonly unknown[], parse: Parse<T>) => Promise<readonly T[]>;
  /** Whether every provider announces new heads by itself. */
  announces: boolean;
  /** Calls back at each announced head until the signal, through lost connections. A hint only: heads are asked for. */
  onHead: (listener: () => void, signal: AbortSignal) => void;
}>;

type Request = (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;

/** Requests made in the same turn travel as one JSON-RPC batch a provider. */
export function createProviders(
  urls: readonly string[],
  { timeoutMs = TIMEOUT_MS } = {},
): Providers {
  const sockets = urls
    .filter(isSocket)
    .map((url) => webSocket(url, { retryCount: 0, timeout: timeoutMs })({}));
  const requests = urls.map((url): Request => {
    if (isSocket(url)) return sockets[urls.filter(isSocket).indexOf(url)]!.request as Request;
    const batch = { batchSize: BATCH, wait: 0 };
    return http(url, {
      batch,
      retryCount: 0,
      timeout: timeoutMs,
      maxResponseBodySize: LARGEST_ANSWER,
    })({}).request as Request;
  });

  const ask = async <T>(
    provider: number,
    method: string,
    params: readonly unknown[],
    parse: Parse<T>,
  ): Promise<T> => {
    let answer: unknown;
    try {
      answer = await requests[provider]!({ method, params });
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
    Promise.all(requests.map((_, provider) => ask(provider, method, params, parse)));

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

  const onHead = (listener: () => void, signal: AbortSignal) => {
    for (const { value } of sockets) {
      if (value === undefined) continue;
      let timer: NodeJS.Timeout | undefined;
      const again = () => {
        clearTimeout(timer);
        if (!signal.aborted) timer = setTimeout(subscribe, RESUBSCRIBE_MS);
      };
      const subscribe = () => {
        listener();
        value.subscribe({ params: ['newHeads'], onData: listener, onError: again }).catch(again);
      };
      const close = () => {
        clearTimeout(timer);
        value.getRpcClient().then(
          (client) => client.close(),
          () => undefined,
        );
      };
      subscribe();
      signal.addEventListener('abort', close, { once: true });
    }
  };

  return { agreed, each, announces: sockets.length === urls.length, onHead };
}

const isSocket = (url: string) => /^wss?:/.test(url);

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
