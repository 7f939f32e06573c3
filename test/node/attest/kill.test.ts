import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { verify } from '../../../protocol/bls.ts';
import { openDatabase } from '../../../node/store/database.ts';
import { openProtection } from '../../../node/store/protection.ts';
import { committeeOf, domain, secretsOf } from '../gossip/support/committee.ts';
import { collect, withFolder } from '../store/support.ts';

const signer = fileURLToPath(new URL('support/signer.ts', import.meta.url));
const LIVES = 26;

const live = (folder: string, life: number, last = '') =>
  spawn(process.execPath, [signer, folder, `${life}`, last], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

describe('a watcher killed with -9', function () {
  this.timeout(240_000);

  it(`at ${LIVES} random moments never has two digests signed under one key, and loses none`, () =>
    withFolder(async (folder) => {
      for (let life = 0; life < LIVES; life++) {
        const child = live(folder, life);
        const exited = once(child, 'exit');
        await once(child.stdout, 'data');
        await wait(20 + Math.random() * 350);
        child.kill('SIGKILL');
        const [, signal] = await exited;
        assert.equal(signal, 'SIGKILL');
      }
      const [code] = await once(live(folder, LIVES, 'last'), 'exit');
      assert.equal(code, 0);

      // The last line of a life may be torn where the kill cut it off from the log.
      const lines = (await readFile(join(folder, 'published'), 'utf8'))
        .split('\n')
        .filter((line) => line.endsWith('}'));
      const published = lines.map(
        (line) =>
          JSON.parse(line) as { key: string; digest: `0x${string}`; signature: `0x${string}` },
      );
      const digests = new Map<string, Set<string>>();
      for (const { key, digest } of published)
        digests.set(key, (digests.get(key) ?? new Set()).add(digest));
      assert.deepEqual(
        [...digests.values()].filter((said) => said.size > 1),
        [],
      );

      const database = await openDatabase(folder);
      const records = await collect((await openProtection(database, domain)).records(0n));
      await database.close();
      assert.ok(records.length >= LIVES / 2, `${records.length} records`);
      for (const { keyDigest, digest } of records)
        assert.deepEqual([...(digests.get(keyDigest) ?? [])], [digest]);
      assert.equal(digests.size, records.length, 'nothing is published that was not recorded');
      const key = committeeOf(secretsOf(4)).seats[0]!.key;
      const sample = published.at(-1)!;
      assert.ok(verify(key, sample.digest, Buffer.from(sample.signature.slice(2), 'hex')));
    }));
});
