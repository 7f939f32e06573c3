import assert from 'node:assert/strict';
import type { Verdict } from '../../../protocol/types.ts';
import type { Context } from '../../../node/gossip/context.ts';
import { blockAt, hash, verdictAt, attestationOf } from './support/committee.ts';
import { attestationBytes, certificateBytes, judges, secrets } from './support/judges.ts';

const forked = blockAt(100n, ' of the other fork').hash;
const seen = (...hashes: Verdict['blockHash'][]): Partial<Context> => ({
  hashesAt: (height) => (height === 100n ? hashes : []),
});
const invented = (changes: Partial<Verdict> = {}, seat = 0, height = 100n) =>
  attestationBytes({ blockHash: hash('invented'), ...changes }, seat, {}, height);
const forgedBy = (seat: number, changes: Partial<Verdict>) =>
  attestationBytes({ blockHash: hash('invented'), ...changes }, 0, {
    signature: attestationOf(secrets, seat, verdictAt(100n)).signature,
  });

describe('a verdict about a block', () => {
  for (const [what, verdict, height, outcome, code] of [
    ['of the chain', {}, 100n, 'accept', 'OK'],
    ['of a fork this node has left', { blockHash: forked }, 100n, 'accept', 'OK'],
    ['nobody saw at a height known', { blockHash: hash('?') }, 100n, 'ignore', 'OTHER_BLOCK'],
    ['of a height this node did not see', { blockHash: hash('?') }, 99n, 'accept', 'OK'],
    ['yet to come', { blockHash: hash('?') }, 101n, 'accept', 'OK'],
  ] as const)
    it(`${what}: ${outcome}, ${code}, in an attestation as in a certificate`, async () => {
      const { attestation, certificate } = judges(seen(blockAt(100n).hash, forked));
      const said = await attestation(attestationBytes(verdict, 0, {}, height));
      const agreed = certificate(certificateBytes([0, 1, 2], { height, ...verdict }));
      const expected = [outcome, code];
      assert.deepEqual([said.outcome, said.code], expected);
      assert.deepEqual([agreed.outcome, agreed.code], expected);
    });

  it('that was invented takes no room, however many a seat signs', async () => {
    const { attestation, recent } = judges(seen(blockAt(100n).hash));
    for (let i = 0; i < 20; i++)
      await attestation(attestationBytes({ blockHash: hash(`invented ${i}`) }));
    assert.equal(recent.size(), 0);
    assert.equal((await attestation(attestationBytes())).code, 'OK');
  });

  it('that becomes known is judged like any other', async () => {
    const hashes = [blockAt(100n).hash];
    const { attestation } = judges({ hashesAt: () => hashes });
    const bytes = attestationBytes({ blockHash: forked });
    assert.equal((await attestation(bytes)).code, 'OTHER_BLOCK');
    hashes.push(forked);
    assert.equal((await attestation(bytes)).code, 'OK');
  });
});

describe('an equivocation', () => {
  it('about a block that nobody saw is evidence all the same, once', async () => {
    const { attestation, evidence } = judges(seen(blockAt(100n).hash));
    const codes = [];
    for (const word of ['one', 'two', 'three'])
      codes.push((await attestation(invented({ claimsRoot: hash(word) }))).code);
    assert.deepEqual(codes, ['OTHER_BLOCK', 'EQUIVOCATION', 'TOO_MANY']);
    assert.deepEqual(
      evidence.map(({ first, second }) => [first.verdict.claimsRoot, second.verdict.claimsRoot]),
      [[hash('one'), hash('two')]],
    );
  });

  it('that puts one block at two heights is evidence', async () => {
    const { attestation, evidence } = judges({
      hashesAt: (height) => [blockAt(height).hash],
    });
    assert.equal((await attestation(attestationBytes())).code, 'OK');
    const elsewhere = attestationBytes({ blockHash: blockAt(100n).hash }, 0, {}, 99n);
    assert.equal((await attestation(elsewhere)).code, 'EQUIVOCATION');
    assert.equal(evidence.length, 1);
  });

  it('is not made by forging one half in the name of a seat', async () => {
    const { attestation, evidence } = judges(seen(blockAt(100n).hash));
    const [one, two] = [{ claimsRoot: hash('one') }, { claimsRoot: hash('two') }];
    // The forgery comes second, and is told by its signature.
    assert.equal((await attestation(invented(one))).code, 'OTHER_BLOCK');
    assert.equal((await attestation(forgedBy(1, two))).code, 'SIGNATURE');
    assert.deepEqual(evidence, []);
    // What the seat then really says otherwise is evidence still.
    assert.equal((await attestation(invented(two))).code, 'EQUIVOCATION');
  });

  it('is found although a forgery came before', async () => {
    const { attestation, evidence } = judges(seen(blockAt(100n).hash));
    const word = (claim: string) => ({ claimsRoot: hash(claim) });
    assert.equal((await attestation(forgedBy(1, word('forged')))).code, 'OTHER_BLOCK');
    assert.equal((await attestation(invented(word('one')))).code, 'OTHER_BLOCK');
    assert.equal((await attestation(invented(word('two')))).code, 'EQUIVOCATION');
    assert.equal(evidence.length, 1);
  });
});
