import assert from 'node:assert/strict';
import { type Hex, keccak256, toHex } from 'viem';
import { signatureFromEvm } from '../../protocol/bls.ts';
import {
  checkCertificate,
  createCertificate,
  evmCertificate,
  signedWeight,
} from '../../protocol/certificate.ts';
import { decodeRoster } from '../../protocol/committee.ts';
import { encodeCertificate } from '../../protocol/wire.ts';
import { rosterOf } from '../vectors/certificate-vectors.ts';
import { type committees, signersAt } from '../vectors/committee-vectors.ts';
import { readVectors } from '../vectors/read.ts';
import { domainAt, verdictAt } from '../vectors/verdict-vectors.ts';

const verdict = verdictAt(0);

describe('committees of every size', () => {
  for (const vector of readVectors<ReturnType<typeof committees>>('committees'))
    it(`${vector.seats} seats are decoded, and their certificates count for the same`, () => {
      const { code, pages } = rosterOf(vector.seats);
      assert.equal(keccak256(code as Hex), vector.roster);
      assert.deepEqual(
        pages.map((page) => keccak256(page.code as Hex)),
        vector.pages,
      );
      const decoded = decodeRoster({
        epoch: verdict.epoch,
        code: code as Hex,
        pages: new Map(pages.map((page) => [page.nonce, page.code as Hex] as const)),
      });
      assert.ok(decoded.ok);
      const committee = decoded.value;
      assert.deepEqual(
        [committee.seats.length, committee.totalWeight],
        [vector.seats, vector.total],
      );
      for (const { perMille, signers, evm, wire, signed } of vector.certificates) {
        const signature = signatureFromEvm(evm.signature);
        assert.ok(signature.ok);
        const seats = signersAt(vector.seats, perMille);
        const certificate = createCertificate({
          verdict,
          seatCount: vector.seats,
          signers: seats,
          signature: signature.value,
        });
        assert.equal(seats.length, signers);
        assert.deepEqual(evmCertificate(certificate), [verdict, evm]);
        assert.equal(keccak256(toHex(encodeCertificate(certificate))), wire);
        assert.equal(signedWeight(committee, certificate), signed);
        assert.deepEqual(checkCertificate(domainAt(0), committee, certificate), {
          ok: true,
          value: { signed, total: vector.total },
        });
      }
    }).timeout(60_000);
});
