import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sealBlsKeystore } from '../../node/keys/bls-keystore.ts';
import { sealHotKeystore } from '../../node/keys/hot-keystore.ts';
import type { NodeConfig } from '../../node/lib/config.ts';
import { writeSecretText } from '../../node/lib/files.ts';
import { publicKeyOf } from '../../protocol/bls.ts';
import { freePort, funded, secretOf } from './anvil.ts';
import type { World } from './observe/support.ts';
import { blsSecret } from './submit/network.ts';

/** Everything a seat needs, in a folder; `api` is the port its status is at. */
export async function seatConfig(
  world: World,
  folder: string,
  {
    api,
    seat = 0,
    peers = [],
  }: Readonly<{ api: number; seat?: number; peers?: readonly string[] }>,
): Promise<NodeConfig> {
  const at = (name: string) => join(folder, name);
  await mkdir(folder, { recursive: true });
  const secret = Buffer.from(secretOf(funded(seat)).slice(2), 'hex');
  const pubkey = publicKeyOf(blsSecret(seat));
  const bls = await sealBlsKeystore(blsSecret(seat), 'horse', { pubkey, cost: 'light' });
  const hot = await sealHotKeystore(secret, 'horse', {
    address: funded(seat).address,
    cost: 'light',
  });
  await writeSecretText(at('deployment'), JSON.stringify(world.deployment), '');
  await writeSecretText(at('bls'), JSON.stringify(bls), '');
  await writeSecretText(at('hot'), JSON.stringify(hot), '');
  await writeSecretText(at('password'), 'horse', '');
  return {
    deployment: at('deployment'),
    rpc: [world.anvil.url],
    dataDir: at('data'),
    blsKeystores: [at('bls')],
    hotKeystore: at('hot'),
    blsPasswordFile: at('password'),
    hotPasswordFile: at('password'),
    listen: `/ip4/127.0.0.1/tcp/${await freePort()}`,
    peers: [...peers],
    api: { host: '127.0.0.1', port: api },
    submitDelayMs: 0,
    tripByProof: true,
    leastPay: '1',
    pollMs: 20,
    logLevel: 'silent',
    logFormat: 'json',
  };
}
