import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex, type LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { keyHash, publicKeyOf, secretFromSeed, sign } from '../../protocol/bls.ts';
import type { Attestation, Domain, Verdict } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import type { Processes } from '../processes.ts';
import { tocsin } from '../tocsin.ts';
import { type Keys, passwordFileOf } from '../watchers.ts';

/** A seat that an actor holds the keys of: it signs whatever it likes. */
export type HeldSeat = Readonly<{
  number: number;
  keyHash: `0x${string}`;
  account: LocalAccount;
  attest: (domain: Domain, verdict: Verdict) => Attestation;
}>;

/** Makes keys that the devnet itself knows, and has the shipped CLI seal them, as an operator does who brings his own. */
export async function holdKeys(
  processes: Processes,
  folder: string,
  number: number,
): Promise<Readonly<{ keys: Keys; seat: HeldSeat }>> {
  const out = join(folder, `watcher-${number}`);
  await mkdir(out, { recursive: true });
  const secret = secretFromSeed(randomBytes(48));
  const hotSecret = generatePrivateKey();
  const account = privateKeyToAccount(hotSecret);
  const [bls, hot] = [join(out, 'bls.hex'), join(out, 'hot.hex')];
  await writeFile(bls, bytesToHex(secret), { mode: 0o600 });
  await writeFile(hot, hotSecret, { mode: 0o600 });
  const made = await tocsin<{ hotKeystore: string }>(processes, [
    'keys',
    'import',
    '--bls',
    bls,
    '--hot',
    hot,
    '--out',
    out,
    '--password-file',
    passwordFileOf(folder),
    '--light',
  ]);
  return {
    keys: { folder: out, hotKeystore: made.hotKeystore, address: account.address },
    seat: {
      number,
      keyHash: keyHash(publicKeyOf(secret)),
      account,
      attest: (domain, verdict) => ({
        verdict,
        seat: number,
        signature: sign(secret, verdictDigest(domain, verdict)),
      }),
    },
  };
}
