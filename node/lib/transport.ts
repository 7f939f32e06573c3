import { custom, http, type Transport } from 'viem';
import { createSocket } from './socket.ts';

const TIMEOUT_MS = 5_000;
/** Bytes; what is longer is refused before it is read to its end. */
export const LARGEST_ANSWER = 16 * 1024 * 1024;

/** Whether a URL is asked over a WebSocket. */
export const isSocketUrl = (url: string): boolean => /^wss?:/i.test(url);

/** How viem asks a provider. */
export function transportOf(url: string): Transport {
  if (!isSocketUrl(url)) return http(url, { timeout: TIMEOUT_MS, retryCount: 0 });
  const { request } = createSocket(url, { timeoutMs: TIMEOUT_MS, largestAnswer: LARGEST_ANSWER });
  return custom({ request }, { retryCount: 0 });
}
