import type { PublicClient } from 'viem';
import { erc20Abi } from '../protocol/abi.ts';
import { loadFast } from '../protocol/bls-fast.ts';
import type { Deployment } from '../protocol/deployment.ts';
import type { Domain } from '../protocol/types.ts';
import { checkBls } from './attest/self-check.ts';
import { unlockBls, unlockHot } from './keys/unlock.ts';
import { openChain } from './lib/chain.ts';
import type { Closers } from './lib/closers.ts';
import type { NodeConfig } from './lib/config.ts';
import { readDeployment } from './lib/deployment.ts';
import { createKeyring } from './lib/keyring.ts';
import { createMetrics, createRegister } from './lib/metrics.ts';
import { parseAmount } from './lib/units.ts';
import { openAnchors } from './store/anchors.ts';
import { openCertificates } from './store/certificates.ts';
import { openDatabase } from './store/database.ts';
import { openEvidence } from './store/evidence.ts';
import { type Errands, openPending } from './store/pending.ts';
import { openProtection } from './store/protection.ts';

/** What the stages stand on: a chain that was checked, keys that are open, and the store. */
export type Ground = Awaited<ReturnType<typeof openGround>>;

/** The chain first, then the keys, the store last: what a person got wrong is found before anything is opened. */
export async function openGround(config: NodeConfig, closers: Closers) {
  const deployment = await readDeployment(config.deployment, 'deployment');
  const { client } = await openChain(config.rpc, deployment.chainId);
  const leastPay = await leastPayOf(client, deployment, config.leastPay);
  const domain: Domain = { chainId: BigInt(deployment.chainId), registry: deployment.registry };
  const secretKeys: Uint8Array[] = [];
  for (const keystore of config.blsKeystores)
    secretKeys.push((await unlockBls({ keystore, passwordFile: config.blsPasswordFile })).secret);
  const account = await unlockHot({
    keystore: config.hotKeystore,
    passwordFile: config.hotPasswordFile,
  });
  const fast = await loadFast();
  checkBls(fast);
  const database = await openDatabase(config.dataDir);
  closers.add(() => database.close());
  const register = createRegister();
  return {
    deployment,
    client,
    leastPay,
    domain,
    secretKeys,
    account,
    keyring: createKeyring(fast),
    register,
    metrics: createMetrics(register),
    protection: await openProtection(database, domain),
    certificates: await openCertificates(database, domain),
    evidence: await openEvidence(database, domain),
    pending: (errands: Errands) => openPending(database, domain, errands),
    anchors: await openAnchors(database),
  };
}

/** In the smallest unit of the stake's token. */
async function leastPayOf(
  client: PublicClient,
  { token }: Deployment,
  amount: string | null,
): Promise<bigint | null> {
  if (amount === null) return null;
  const decimals = await client.readContract({
    address: token,
    abi: erc20Abi,
    functionName: 'decimals',
  });
  return parseAmount(amount, decimals, 'leastPay');
}
