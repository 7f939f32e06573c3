import { http } from 'viem';
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

/** Makes a value of a provider's answer, or throws: what it leaves out is not compared. */
export type Parse<T> = (answer: unknown) => T;

/** JSON-RPC over every provider; each is a witness, none an oracle. */
export type Providers = Readonly<{
  /** The answer that all providers give; a fault when one is silent, behind, malformed or gives another. */
  agreed: <T>(method: string, params: readonly unknown[], parse: Parse<T>) => Promise<T>;
  /** Each provider's own answer, for what may rightly differ; a fault when one gives none. */
  each: <T>(method: string, params: readonly unknown[], parse: Parse<T>) => Promise<readonly T[]>;
}>;

type Request = (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;

/** Told of what providers are asked; nothing depends on it. */
export type RpcEvents = Readonly<{
  /** One question. */
  onCall?: (method: string) => void;
  /** One HTTP request, with as many questions as were asked in its turn. */
  onRequest?: () => void;
}>;

/** Requests made in the same turn travel as one JSON-RPC batch a provider. */
export function createProviders(
  urls: readonly string[],
  { timeoutMs = TIMEOUT_MS, onCall, onRequest }: RpcEvents & Readonly<{ timeoutMs?: number }> = {},
): Providers {
  const batch = { batchSize: BATCH, wait: 0 };
  const requests = urls.map(
    (url) =>
      http(url, {
        batch,
        retryCount: 0,
        timeout: timeoutMs,
        maxResponseBodySize: LARGEST_ANSWER,
        // What it answers would be sent instead.
        onFetchRequest: () => {
          onRequest?.();
        },
      })({}).request as Request,
  );

  const ask = async <T>(
    provider: number,
    method: string,
    params: readonly unknown[],
    parse: Parse<T>,
  ): Promise<T> => {
    let answer: unknown;
    onCall?.(method);
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

  return { agreed, each };
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
