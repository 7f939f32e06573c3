import {
  type Chain,
  createPublicClient,
  defineChain,
  fallback,
  type Hex,
  type PublicClient,
  type Transport,
} from 'viem';
import { checkPrecompiles } from './precompiles.ts';
import { refuse } from './refusal.ts';
import { transportOf } from './transport.ts';

/** A client over all providers and the chain they serve. */
export type ChainAccess = Readonly<{
  client: PublicClient;
  chain: Chain;
  chainId: number;
  unreachable: readonly string[];
}>;

/** Asks every provider for its chain; refuses when none answers or one serves another chain than `expected`. */
export async function openChain(
  rpc: readonly string[],
  expected: number | null,
  field = 'rpc',
): Promise<ChainAccess> {
  const transports = rpc.map(transportOf);
  const answers = await Promise.all(
    transports.map((transport) =>
      createPublicClient({ transport })
        .getChainId()
        .catch((error: unknown) => reasonOf(error)),
    ),
  );
  const first = answers.findIndex((answer) => typeof answer === 'number');
  if (first === -1)
    throw refuse('RPC_UNREACHABLE', {
      field: nameOf(field, rpc, 0),
      problem: `${originOf(rpc[0]!)} does not answer (${answers[0]})`,
      fix: 'start it or correct the URL',
    });
  const chainId = expected ?? Number(answers[first]);
  answers.forEach((answer, index) => {
    if (typeof answer === 'number' && answer !== chainId)
      throw refuse('CHAIN_MISMATCH', {
        field: nameOf(field, rpc, index),
        problem: `${originOf(rpc[index]!)} serves chain ${answer}, not ${chainId}`,
        fix:
          expected === null
            ? 'name providers of one chain'
            : `name a provider of chain ${chainId} or the address file of chain ${answer}`,
      });
  });
  const chain = chainOf(chainId, rpc);
  const client = createPublicClient({
    chain,
    transport: transports.length === 1 ? transports[0]! : overAll(transports),
  });
  return {
    client,
    chain,
    chainId,
    unreachable: rpc.filter((_, index) => typeof answers[index] !== 'number').map(originOf),
  };
}

/** The first that answers; but a transaction goes to each, since one provider may keep it to itself. */
const overAll =
  (transports: readonly Transport[]): Transport =>
  (config) => {
    const first = fallback(transports)(config);
    const all = transports.map((transport) => transport(config));
    const request = async (call: { method: string }): Promise<unknown> => {
      if (call.method !== 'eth_sendRawTransaction') return first.request(call as never);
      return Promise.any(all.map((one) => one.request(call as never))).catch((error: unknown) => {
        throw error instanceof AggregateError ? new TypeError(reasonsOf(error)) : error;
      });
    };
    return { ...first, request: request as typeof first.request };
  };

/** What all of them said: one may know of the transaction what another does not. */
const reasonsOf = ({ errors }: AggregateError): string =>
  errors.map((error: unknown) => (error instanceof Error ? error.message : '')).join('\n');

/** Refuses a chain that cannot carry the network: contracts of `file` without code, BLS precompiles that answer wrongly. */
export async function checkContracts(
  client: PublicClient,
  addresses: Readonly<Record<string, Hex>>,
  { file, rpc }: Readonly<{ file: string; rpc: string }>,
): Promise<void> {
  const entries = Object.entries(addresses);
  const codes = await Promise.all(entries.map(([, address]) => client.getCode({ address })));
  entries.forEach(([name, address], index) => {
    if (codes[index] === undefined)
      throw refuse('CODE_MISSING', {
        field: `${file}: ${name}`,
        problem: `${address} has no code on this chain`,
        fix: 'deploy first or name the address file of this chain',
      });
  });
  await checkPrecompiles(client, rpc);
}

/** Viem's description of a chain that is known by its number only. */
const chainOf = (id: number, rpc: readonly string[]): Chain =>
  defineChain({
    id,
    name: `chain ${id}`,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [...rpc] } },
  });

/** A provider as others may read of it: keys of its users stand in the rest. */
const originOf = (url: string): string => new URL(url).origin;

const nameOf = (field: string, rpc: readonly string[], index: number) =>
  rpc.length === 1 ? field : `${field}[${index}]`;

/** The innermost reason of a failed request, as ECONNREFUSED. */
export function reasonOf(error: unknown): string {
  let reason = 'unknown';
  for (let step: unknown = error; step instanceof Error; step = step.cause) {
    const { code } = step as NodeJS.ErrnoException;
    if (typeof code === 'string') reason = code;
    else if ('status' in step) reason = `HTTP ${String(step.status)}`;
    else reason = step.name === 'Error' ? (step.message.split('\n')[0] ?? '') : step.name;
  }
  return reason;
}
