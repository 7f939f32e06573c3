import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { loadPeerKey } from '../../../node/gossip/peer-key.ts';
import { withFolder } from '../store/support.ts';

describe('peer key', () => {
  it('is made once, for its owner alone, and names the same peer after a restart', () =>
    withFolder(async (folder) => {
      const first = peerIdFromPrivateKey(await loadPeerKey(folder)).toString();
      assert.equal((await stat(join(folder, 'peer.key'))).mode & 0o777, 0o600);
      assert.equal(peerIdFromPrivateKey(await loadPeerKey(folder)).toString(), first);
    }));

  it('is refused when others may read it or when it is no key', () =>
    withFolder(async (folder) => {
      await loadPeerKey(folder);
      await chmod(join(folder, 'peer.key'), 0o644);
      await assert.rejects(loadPeerKey(folder), { code: 'FILE_LOOSE' });
      await chmod(join(folder, 'peer.key'), 0o600);
      await writeFile(join(folder, 'peer.key'), '0x00');
      await assert.rejects(loadPeerKey(folder), { code: 'PEER_KEY_UNREADABLE' });
    }));
});
