import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  claimsRoot,
  coverageId,
  keyDigest,
  ruleId,
  verdictDigest,
} from '../../protocol/verdict.ts';
import type { claims, coverages, rules } from '../vectors/id-vectors.ts';
import { readVectors } from '../vectors/read.ts';
import type { verdicts } from '../vectors/verdict-vectors.ts';
import { anyVerdict, domain, verdictWith } from './builders.ts';

describe('verdict', () => {
  for (const [index, vector] of readVectors<ReturnType<typeof verdicts>>('verdicts').entries())
    it(`verdict ${index} and its key hash as EIP-712 says`, () => {
      assert.equal(verdictDigest(vector.domain, vector.verdict), vector.digest);
      assert.equal(keyDigest(vector.domain, vector.verdict), vector.key);
    });

  for (const [index, { rule, id }] of readVectors<ReturnType<typeof rules>>('rules').entries())
    it(`rule ${index} has the id of its ABI encoding`, () => {
      assert.equal(ruleId(rule), id);
    });

  it('coverage ids name every part of the destination', () => {
    for (const { destination, id } of readVectors<ReturnType<typeof coverages>>('coverages'))
      assert.equal(coverageId(destination), id);
  });

  it('claims of any number of values have one root', () => {
    for (const { values, root } of readVectors<ReturnType<typeof claims>>('claims'))
      assert.equal(claimsRoot(values), root);
  });

  it('every field of a verdict changes what is signed, and only the key’s own change the key', () => {
    const keyed = ['observedChainId', 'coverageId', 'ruleId', 'blockHash', 'subject'];
    const first = verdictWith();
    for (const field of Object.keys(first) as (keyof typeof first)[])
      fc.assert(
        fc.property(anyVerdict, (other) => {
          fc.pre(other[field] !== first[field]);
          const changed = { ...first, [field]: other[field] };
          assert.notEqual(verdictDigest(domain, changed), verdictDigest(domain, first));
          assert.equal(
            keyDigest(domain, changed) !== keyDigest(domain, first),
            keyed.includes(field),
          );
        }),
        { numRuns: 5 },
      );
  });

  it('another chain or another registry is another message', () => {
    const digests = [
      domain,
      { ...domain, chainId: 1n },
      { ...domain, registry: `0x${'12'.repeat(20)}` as const },
    ].map((place) => verdictDigest(place, verdictWith()));
    assert.equal(new Set(digests).size, 3);
  });
});
