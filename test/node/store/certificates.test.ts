import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { aggregate } from '../../../protocol/bls.ts';
import { createCertificate } from '../../../protocol/certificate.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { openCertificates } from '../../../node/store/certificates.ts';
import { openDatabase, part } from '../../../node/store/database.ts';
import { attestationOf, domain, hash, secretsOf, verdictAt } from '../gossip/support/committee.ts';
import { withFolder } from './support.ts';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));
const secrets = secretsOf(4);
const certificateAt = (height: bigint) => {
  const verdict = verdictAt(height);
  const signature = aggregate(
    [0, 1, 2].map((seat) => attestationOf(secrets, seat, verdict).signature),
  );
  return createCertificate({ verdict, seatCount: 4, signers: [0, 1, 2], signature });
};

describe('certificates', () => {
  it('and their way to the registry are there again after a restart', () =>
    withFolder(async (folder) => {
      const certificate = certificateAt(10n);
      const digest = verdictDigest(domain, certificate.verdict);
      const first = await openDatabase(folder);
      const before = await openCertificates(first, domain);
      assert.equal(await before.put(digest, certificate), 'stored');
      const state = {
        kind: 'sent',
        nonce: 3,
        maxFeePerGas: 10n ** 20n,
        maxPriorityFeePerGas: 2n,
        transactions: [hash('transaction')],
        height: 12n,
      } as const;
      await before.setState(digest, state);
      assert.equal(await before.put(digest, certificate), 'replaced');
      await first.close();
      const second = await openDatabase(folder);
      const after = await openCertificates(second, domain);
      assert.deepEqual(after.all(), [{ digest, certificate, state }]);
      assert.deepEqual(after.get(digest)?.state, state);
      await second.close();
    }));

  it('that were acknowledged are there after kill -9, with how far they had come', () =>
    withFolder(async (folder) => {
      const acknowledged: string[] = [];
      for (let life = 0; life < 5; life++) {
        const child = spawn(process.execPath, [writer, folder, `${life}`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString();
          if (text.length > 67 * (20 + 40 * Math.random())) child.kill('SIGKILL');
        });
        await once(child, 'close');
        acknowledged.push(...text.split('\n').slice(0, -1));
      }
      const database = await openDatabase(folder);
      const certificates = await openCertificates(database, domain);
      assert.ok(acknowledged.length > 50, `${acknowledged.length}`);
      for (const digest of acknowledged)
        assert.equal(certificates.get(digest as `0x${string}`)?.state.kind, 'sent');
      await database.close();
    })).timeout(60_000);

  it('are forgotten once their block is final and too old to submit', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      const certificates = await openCertificates(database, domain);
      for (const height of [10n, 11n, 12n]) {
        const certificate = certificateAt(height);
        await certificates.put(verdictDigest(domain, certificate.verdict), certificate);
      }
      assert.equal(await certificates.prune(12n), 2);
      assert.deepEqual(
        (await openCertificates(database, domain))
          .all()
          .map(({ certificate }) => certificate.verdict.height),
        [12n],
      );
      await assert.rejects(certificates.setState(hash('unknown'), { kind: 'waiting' }), {
        code: 'CERTIFICATE_UNKNOWN',
      });
      await database.close();
    }));

  it('that cannot be read stop the node instead of being lost in silence', () =>
    withFolder(async (folder) => {
      const database = await openDatabase(folder);
      await part(database, 'certificates', `${domain.chainId}`, domain.registry).put(
        hash('digest'),
        '{"certificate":"0x01","state":{"kind":"waiting"}}',
      );
      await assert.rejects(openCertificates(database, domain), { code: 'CERTIFICATE_UNREADABLE' });
      await database.close();
    }));
});
