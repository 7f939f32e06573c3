import { join } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { bytesToHex, hexToBytes, isHex } from 'viem';
import { faults } from '../../protocol/fault.ts';
import { isRefusal } from '../lib/refusal.ts';
import { readSecretText, writeSecretText } from '../lib/files.ts';

const fault = faults<{ PEER_KEY_UNREADABLE: { path: string } }>();

/** The identity this node has among peers, made on first use and kept in the data folder, readable by its owner only. */
export async function loadPeerKey(dataDir: string): Promise<PrivateKey> {
  const path = join(dataDir, 'peer.key');
  try {
    return parse(path, await readSecretText(path, 'dataDir'));
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'FILE_MISSING') throw error;
  }
  const key = await generateKeyPair('Ed25519');
  await writeSecretText(path, `${bytesToHex(privateKeyToProtobuf(key))}\n`, 'dataDir');
  return key;
}

function parse(path: string, text: string): PrivateKey {
  const hex = text.trim();
  if (!isHex(hex)) throw fault('PEER_KEY_UNREADABLE', { path });
  try {
    return privateKeyFromProtobuf(hexToBytes(hex));
  } catch (error) {
    throw fault('PEER_KEY_UNREADABLE', { path }, error);
  }
}
