import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  bytesToHex,
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  type HDAccount,
  http,
} from 'viem';
import { mnemonicToAccount } from 'viem/accounts';

const DEADLINE_MS = 20_000;

/** A port nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** One of the accounts that anvil funds, and its secret. */
export const funded = (index: number): HDAccount =>
  mnemonicToAccount('test test test test test test test test test test test junk', {
    addressIndex: index,
  });

/** The secret of a funded account. */
export const secretOf = (account: HDAccount): Hex =>
  bytesToHex(account.getHdKey().privateKey ?? new Uint8Array(32));

/** A local chain as a process of its own; `stop` ends it and removes what it wrote. */
export async function startAnvil(flags: readonly string[] = [], chainId = 31_337) {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'tocsin-anvil-'))];
  const given = [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--chain-id',
    String(chainId),
    '--cache-path',
    folder,
    '--silent',
  ];
  const hardfork = flags.includes('--hardfork') ? [] : ['--hardfork', 'osaka'];
  const child = spawn('anvil', [...given, ...hardfork, ...flags], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const chain = defineChain({
    id: chainId,
    name: 'anvil',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url, { retryCount: 0 });
  const client = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 });
  const test = createTestClient({ chain, transport, mode: 'anvil' });
  const wallet = createWalletClient({ chain, transport, account: funded(0) });
  const until = Date.now() + DEADLINE_MS;
  while (
    !(await client.getChainId().then(
      () => true,
      () => false,
    )) &&
    Date.now() < until
  )
    await pause(25);
  return { url, chain, client, test, wallet, stop: () => stop(child, folder) };
}

/** A chain under test. */
export type Anvil = Awaited<ReturnType<typeof startAnvil>>;

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
}
