import { aggregate } from '../../../protocol/bls.ts';
import { createCertificate } from '../../../protocol/certificate.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { openCertificates } from '../../../node/store/certificates.ts';
import { openDatabase } from '../../../node/store/database.ts';
import { attestationOf, domain, hash, secretsOf, verdictAt } from '../gossip/support/committee.ts';

// Stores certificates until it is killed and says of each that it is stored.
const [folder = '', life = '0'] = process.argv.slice(2);
const secrets = secretsOf(4);
const certificates = await openCertificates(await openDatabase(folder), domain);
const signature = aggregate(
  [0, 1, 2].map((seat) => attestationOf(secrets, seat, verdictAt(1n)).signature),
);
for (let i = 0; ; i++) {
  const verdict = verdictAt(1n, { blockHash: hash(`life ${life} block ${i}`) });
  const digest = verdictDigest(domain, verdict);
  await certificates.put(
    digest,
    createCertificate({ verdict, seatCount: 4, signers: [0, 1, 2], signature }),
  );
  const state = {
    kind: 'sent',
    nonce: i,
    maxFeePerGas: 2n,
    maxPriorityFeePerGas: 1n,
    transactions: [digest],
    height: 1n,
  } as const;
  await certificates.setState(digest, state);
  process.stdout.write(`${digest}\n`);
}
