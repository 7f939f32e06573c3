import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from 'viem';
import { loadFast } from '../../../../protocol/bls-fast.ts';
import { keyDigest, verdictDigest } from '../../../../protocol/verdict.ts';
import type { Attestation } from '../../../../protocol/types.ts';
import { createAttester } from '../../../../node/attest/attester.ts';
import { openDatabase } from '../../../../node/store/database.ts';
import { openProtection } from '../../../../node/store/protection.ts';
import { collect } from '../../store/support.ts';
import { committeeOf, domain, findingAt, hash, secretsOf } from '../../gossip/support/committee.ts';

// A node that sees the same blocks again in each life and has another opinion of them each time.
const [folder = '', life = '0', last = ''] = process.argv.slice(2);
const secrets = secretsOf(4);
const committee = committeeOf(secrets);
const database = await openDatabase(folder);
const protection = await openProtection(database, domain);
await protection.start(0n);
const attester = createAttester({
  domain,
  secretKeys: [secrets[0]!],
  hash: (await loadFast()).hash,
  protection,
  committeeOf: () => committee,
});

const publish = ({ verdict, signature }: Attestation) =>
  appendFileSync(
    join(folder, 'published'),
    `\n${JSON.stringify({ key: keyDigest(domain, verdict), digest: verdictDigest(domain, verdict), signature: bytesToHex(signature) })}`,
  );

const known = (await collect(protection.records(0n))).length;
if (last === '') process.stdout.write('ready\n');
for (const attestation of await attester.resume(last === '' ? BigInt(Math.max(0, known - 3)) : 0n))
  publish(attestation);
if (last === '') {
  for (let height = BigInt(Math.max(1, known - 3)); height < 100_000n; height++) {
    const attestation = await attester.attest(findingAt(height, [hash(`opinion of life ${life}`)]));
    if (attestation !== null) publish(attestation);
  }
}
await database.close();
