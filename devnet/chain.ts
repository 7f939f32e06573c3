import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  type Address,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  type PublicClient,
  TransactionReceiptNotFoundError,
} from 'viem';
import type { Processes } from './processes.ts';
import { fault, refuse } from './refusal.ts';
import { until } from './wait.ts';

export const CHAIN_ID = 31_337;
const ACCOUNTS = 40;
/** States kept in memory, a quarter of a megabyte each; proofs against older blocks are refused. */
const STATES = 256;
const GAS = 3_000_000n;
// A thief outbids: what the network must beat is an attack that comes first in every block.
const BID = 5_000_000_000n;

/** A call from an account that the chain holds the key of. */
export type Call = Readonly<{
  from: Address;
  to: Address;
  data: Hex;
  gas?: bigint;
  /** Ahead of everybody else in its block. */
  outbid?: boolean;
}>;

export type Chain = Awaited<ReturnType<typeof startChain>>;

/** A port that nobody listens on; refuses `wanted` when somebody does. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        refuse(
          error.code === 'EADDRINUSE'
            ? `--port: ${wanted} is in use; name another port`
            : `--port: cannot listen on ${wanted} (${error.code})`,
        ),
      ),
    );
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : wanted;
}

/** Anvil, mining each transaction at once until `mineEvery` is called. */
export async function startChain(processes: Processes, folder: string, port: number) {
  const url = `http://127.0.0.1:${port}`;
  const flags = {
    host: '127.0.0.1',
    port,
    'chain-id': CHAIN_ID,
    accounts: ACCOUNTS,
    balance: 1_000_000,
    'slots-in-an-epoch': 2,
    hardfork: 'osaka',
    'cache-path': join(folder, 'anvil'),
    // Of older blocks the state is dropped, their logs are not.
    'prune-history': STATES,
  };
  const anvil = await processes.start({
    name: 'anvil',
    command: binary(),
    fix: 'install Foundry, or name its anvil in the variable ANVIL',
    args: [
      '--silent',
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
  });
  const transport = http(url, { retryCount: 0, timeout: 20_000 });
  const client: PublicClient = createPublicClient({ transport, pollingInterval: 30, cacheTime: 0 });
  await until('anvil to answer', async () => {
    if (!anvil.alive()) throw fault('CHILD_FAILED', { name: 'anvil', line: await anvil.ended });
    return client.getChainId().catch(() => null);
  });
  const request = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    client.request({ method, params } as unknown as Parameters<typeof client.request>[0]);
  const accounts = (await request('eth_accounts')) as Address[];
  const admin = createWalletClient({ account: accounts[0]!, transport });

  const sending = new Map<Address, Promise<unknown>>();
  /** One at a time for each account: anvil gives two that come together one nonce. */
  const send = ({ from, to, data, gas = GAS, outbid = false }: Call): Promise<Hex> => {
    const fees = outbid ? { maxPriorityFeePerGas: hex(BID), maxFeePerGas: hex(BID * 20n) } : {};
    const sent = (sending.get(from) ?? Promise.resolve()).then(() =>
      request('eth_sendTransaction', [{ from, to, data, gas: hex(gas), ...fees }]),
    );
    sending.set(
      from,
      sent.catch(() => undefined),
    );
    return sent as Promise<Hex>;
  };

  /** Why a transaction reverted: the first four bytes of the outermost answer, or what stopped it. */
  const reasonOf = async (hash: Hex): Promise<string> => {
    const trace = (await request('debug_traceTransaction', [
      hash,
      { tracer: 'callTracer' },
    ])) as Trace;
    return `${trace.error ?? 'reverted'} ${trace.output?.slice(0, 138) ?? ''}`.trim();
  };

  /** Sends and waits; a revert is the caller's mistake. */
  const act = async (call: Call) => {
    const hash = await send(call);
    const receipt = await until('a receipt', () =>
      client.getTransactionReceipt({ hash }).catch((error: unknown) => {
        if (error instanceof TransactionReceiptNotFoundError) return null;
        throw error;
      }),
    );
    if (receipt.status !== 'success')
      throw fault('CHILD_FAILED', {
        name: 'transaction',
        line: `${call.data.slice(0, 10)} from ${call.from} to ${call.to} reverted (${await reasonOf(hash)})`,
      });
    return receipt;
  };

  let timer: NodeJS.Timeout | undefined;
  let mining: Promise<unknown> | null = null;
  /** Timed here: anvil's own interval takes no fractions, keeps 1,500 states and mines in bursts what it was late for. */
  const mineEvery = async (seconds: number): Promise<void> => {
    await request('evm_setAutomine', [false]);
    timer = setInterval(() => {
      mining ??= request('evm_mine')
        .catch(() => undefined)
        .finally(() => (mining = null));
    }, seconds * 1_000);
  };
  /** Once it resolves no further block comes by itself. */
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await mining;
  };

  const height = () => client.getBlockNumber({ cacheTime: 0 });
  const passBlocks = async (count: number, signal?: AbortSignal): Promise<void> => {
    const goal = (await height()) + BigInt(count);
    await until(`block ${goal}`, async () => (await height()) >= goal, {
      seconds: 30 + count * 5,
      // Who waits longer looks less often.
      everyMs: 50 * Math.min(count, 5),
      ...(signal && { signal }),
    });
  };
  /** Mines so many blocks at once. */
  const mine = async (blocks: number): Promise<void> => {
    await request('anvil_mine', [blocks]);
  };
  /** Moves the clock and mines a block there; one of the chain's own may come before it. */
  const passTime = async (seconds: number): Promise<void> => {
    await request('evm_increaseTime', [seconds]);
    await mine(1);
  };
  /** Lets the chain sign for an account whose key it does not hold. */
  const impersonate = (who: Address) => request('anvil_impersonateAccount', [who]);
  const give = (to: Address, wei: bigint) => request('anvil_setBalance', [to, hex(wei)]);

  return {
    url,
    /** The same provider, where it tells of its heads by itself. */
    socketUrl: url.replace('http', 'ws'),
    pid: anvil.pid,
    client,
    accounts,
    admin,
    alive: anvil.alive,
    send,
    act,
    mineEvery,
    height,
    passBlocks,
    mine,
    passTime,
    give,
    impersonate,
    stop,
  };
}

type Trace = Readonly<{ error?: string; output?: string }>;

const hex = (value: bigint) => `0x${value.toString(16)}`;

/** The chain's binary: ANVIL, else the package of this platform, else the PATH. */
function binary(): string {
  if (process.env.ANVIL !== undefined) return process.env.ANVIL;
  try {
    const require = createRequire(import.meta.url);
    return join(
      require.resolve('@foundry-rs/anvil-linux-amd64/package.json'),
      '..',
      'bin',
      'anvil',
    );
  } catch {
    return 'anvil';
  }
}
