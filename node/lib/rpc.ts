import { http } from 'viem';
import { faults } from '../../protocol/fault.ts';

const fault = faults<{
  PROVIDER_UNREACHABLE: { provider: number; method: string };
  PROVIDERS_DISAGREE: { method: string };
}>();

const TIMEOUT_MS = 5_000;
const BATCH = 256;

/** JSON-RPC over every provider; each is a witness, none an oracle. */
export type Providers = Readonly<{
  /** The answer all providers give; a fault when one is silent or gives another. */
  agreed: (method: string, params: readonly unknown[]) => Promise<unknown>;
  /** The answer of whichever provider answers first: for looking whether something is new, never for facts. */
  first: (method: string, params: readonly unknown[]) => Promise<unknown>;
}>;

/** Requests made in the same turn travel as one JSON-RPC batch a provider. */
export function createProviders(urls: readonly string[]): Providers {
  const requests = urls.map((url) => {
    const transport = http(url, { batch: { batchSize: BATCH, wait: 0 }, retryCount: 0, timeout: TIMEOUT_MS });
    return transport({}).request as (call: { method: string; params: readonly unknown[] }) => Promise<unknown>;
  });

  const ask = async (provider: number, method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      return await requests[provider]!({ method, params });
    } catch (error) {
      throw fault('PROVIDER_UNREACHABLE', { provider, method }, error);
    }
  };

  return {
    agreed: async (method, params) => {
      const answers = await Promise.all(requests.map((_, provider) => ask(provider, method, params)));
      const [answer] = answers;
      const text = canonical(answer);
      if (answers.some((other) => canonical(other) !== text)) throw fault('PROVIDERS_DISAGREE', { method });
      return answer;
    },
    first: (method, params) => Promise.any(requests.map((_, provider) => ask(provider, method, params))),
  };
}

/** One text for equal answers: keys sorted, hex in lower case. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === 'string') return field.toLowerCase();
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
