import assert from 'node:assert/strict';
import { aggregate, verifyAggregate } from '../../../protocol/bls.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { createVerification } from '../../../node/gossip/verification.ts';
import { attestationOf, committeeOf, domain, verdictAt } from './support/committee.ts';
import { keyring, secrets } from './support/judges.ts';

describe('verification', () => {
  it('finds two forgeries in one batch that a plain sum would have let through', async () => {
    const committee = committeeOf(secrets);
    const verdict = verdictAt(100n);
    const digest = verdictDigest(domain, verdict);
    const signatures = [0, 1, 2, 3].map((seat) => attestationOf(secrets, seat, verdict).signature);
    const swapped = [signatures[0]!, signatures[2]!, signatures[1]!, signatures[3]!];
    assert.ok(
      verifyAggregate(
        committee.seats.map(({ key }) => key),
        digest,
        aggregate(swapped),
      ),
      'the sum is right',
    );
    const { verify } = createVerification(keyring, { windowMs: 5, batch: 10 });
    const valid = await Promise.all(
      committee.seats.map((seat, i) =>
        verify({ verdict, digest, seat, signature: swapped[i]!, isCounted: true }, 'peer'),
      ),
    );
    assert.deepEqual(valid, [true, false, false, true]);
  });
});
