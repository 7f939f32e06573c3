import assert from 'node:assert/strict';
import { framesOf } from '../../../node/gossip/catch-up.ts';
import { createCertificate } from '../../../protocol/certificate.ts';
import { attestationOf, secretsOf, verdictAt } from './support/committee.ts';

const verdict = verdictAt(100n);
const { signature } = attestationOf(secretsOf(1), 0, verdict);

describe('an answer to a peer that was away', () => {
  const certificate = createCertificate({ verdict, seatCount: 4, signers: [0], signature });
  for (const [certificates, attestations, told] of [
    [3_000, 9_000, [2_048, 2_048]],
    [3_000, 10, [2_048, 10]],
    [10, 9_000, [10, 4_086]],
    [0, 0, [0, 0]],
  ] as const)
    it(`of ${certificates} certificates and ${attestations} attestations tells ${told.join(' and ')} and encodes no more`, () => {
      const encoded = new Set<number>();
      const attestation = (n: number) => ({
        seat: 0,
        signature,
        get verdict() {
          encoded.add(n);
          return verdict;
        },
      });
      const source = {
        certificates: () => Array.from({ length: certificates }, () => certificate),
        attestations: () => Array.from({ length: attestations }, (_, n) => attestation(n)),
      };
      const kinds = [...framesOf(source, 0n)].map(([kind]) => kind);
      const count = (kind: number) => kinds.filter((other) => other === kind).length;
      assert.deepEqual([count(2), count(1)], told);
      assert.equal(encoded.size, told[1]);
    });
});
