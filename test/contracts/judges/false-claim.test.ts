import assert from 'node:assert/strict';
import { concatHex, getAddress, type Hex, numberToHex, slice } from 'viem';
import type { Rule } from '../../../protocol/types.ts';
import { claimsRoot, ruleId } from '../../../protocol/verdict.ts';
import { wordsOf } from '../support/court.ts';
import { evidenceOf, hear, openFalseClaims } from '../support/false-claims.ts';
import {
  landedOffenceOf,
  landPrices,
  offenceOf,
  type Rig,
  signedBy,
  signPrices,
} from '../support/judges.ts';
import { ANCHOR, HIGH, LOW, proofOf, verdictAt, word } from '../support/prover.ts';
import { errorOf } from '../support/revert.ts';

const { viem, calm, fresh } = await openFalseClaims();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

/** The rule, the prices it sees while the price is HIGH, and prices that it fires on. */
const KINDS: readonly (readonly [
  string,
  (rig: Rig) => Rule,
  seen: readonly bigint[],
  invented: readonly bigint[],
])[] = [
  ['with its anchor', ({ rule }) => rule, [HIGH, ANCHOR], [LOW, ANCHOR]],
  ['of a block and one before', ({ lookback }) => lookback, [HIGH, HIGH], [LOW, HIGH]],
  [
    'that holds, with its anchor',
    ({ held }) => held,
    [HIGH, ANCHOR, HIGH, ANCHOR],
    [LOW, ANCHOR, LOW, ANCHOR],
  ],
  ['of one block', ({ faulting }) => faulting, [HIGH], [LOW]],
];

for (const [kind, ruled, seen, invented] of KINDS)
  describe(`a verdict by values ${kind}`, () => {
    it('that were not there convicts who tripped by it', async () => {
      const rig = await fresh();
      const rule = ruled(rig);
      const lie = await landPrices(rig, await calm(rig), invented, { rule, absent: [2] });
      assert.deepEqual(await hear(rig, await evidenceOf(rig, lie, rule)), landedOffenceOf(lie));
      assert.deepEqual(lie.landed.record.signers, wordsOf([0, 1, 3, 4, 5, 6]));
    });

    it('that were not there convicts who signed it', async () => {
      const rig = await fresh();
      const rule = ruled(rig);
      const height = await calm(rig);
      for (const signers of [[1, 4], [0, 1, 2, 3, 4, 5, 6], [6]]) {
        const lie = await signPrices(rig, height, invented, { rule, signers });
        const evidence = await evidenceOf(rig, lie, rule);
        assert.deepEqual(await hear(rig, evidence), offenceOf(rig.epoch, signers));
      }
    });

    it('that were there convicts nobody', async () => {
      const rig = await fresh();
      const rule = ruled(rig);
      const height = await calm(rig);
      const args = [claimsRoot(seen.map(word))];
      for (const truth of [
        await signPrices(rig, height, seen, { rule }),
        await landPrices(rig, height, seen, { rule }),
      ]) {
        const evidence = await evidenceOf(rig, truth, rule);
        await reverts(hear(rig, evidence), rig.falseClaim, 'ClaimsTrue', args as [Hex]);
      }
    });

    for (const [what, claimed] of [
      ['too few', seen.slice(1)],
      ['too many', [...seen, HIGH]],
    ] as const)
      it(`is a lie where it claims ${what}`, async () => {
        const rig = await fresh();
        const rule = ruled(rig);
        const lie = await signPrices(rig, await calm(rig), claimed, { rule });
        const evidence = await evidenceOf(rig, lie, rule);
        assert.deepEqual(await hear(rig, evidence), offenceOf(rig.epoch, [1, 4]));
      });
  });

describe('claims of what is not there', () => {
  for (const [what, place] of [
    ['a slot that is zero', ({ slot }) => ({ ...slot, slot: word(9) })],
    [
      'an account that does not exist',
      () => ({ account: '0x00000000000000000000000000000000000000aa', slot: word(0) }),
    ],
    [
      'an account without storage',
      ({ stranger }) => ({ account: stranger.account.address, slot: word(0) }),
    ],
  ] as readonly (readonly [string, (rig: Rig) => Rule['slots'][number]])[])
    it(`are false of ${what}, unless they are zero`, async () => {
      const rig = await fresh();
      const rule: Rule = { ...rig.faulting, slots: [place(rig)] };
      const height = await calm(rig);
      const lie = await signPrices(rig, height, [1n], { rule });
      const offence = await hear(rig, await evidenceOf(rig, lie, rule));
      assert.deepEqual(offence, offenceOf(rig.epoch, [1, 4]));
      const truth = await signPrices(rig, height, [0n], { rule });
      await reverts(hear(rig, await evidenceOf(rig, truth, rule)), rig.falseClaim, 'ClaimsTrue', [
        claimsRoot([word(0)]),
      ]);
    });
});

describe('the judge of false claims', () => {
  it('hears nothing of a block that is not the chain’s', async () => {
    const rig = await fresh();
    const height = await calm(rig);
    const { hash } = await rig.client.getBlock({ blockNumber: height });
    const verdict = await verdictAt(rig, height, [LOW, ANCHOR]);
    const future = height + 50n;
    for (const [changes, canonical] of [
      [{ blockHash: word(1) }, hash],
      [{ height: future }, word(0)],
      [{ height: height - 1n }, (await rig.client.getBlock({ blockNumber: height - 1n })).hash],
    ] as const) {
      const claimed = { ...verdict, ...changes };
      const certificate = await signedBy(rig, claimed, [1, 4]);
      const lie = { kind: 'certificate', certificate } as const;
      const proof = await proofOf(rig, rig.id, rig.rule, height);
      await reverts(
        hear(rig, await evidenceOf(rig, lie, rig.rule, proof)),
        rig.falseClaim,
        'BlockNotCanonical',
        [claimed.height, claimed.blockHash, canonical],
      );
    }
  });

  for (const [what, changes] of [
    ['chain', { observedChainId: 1n }],
    ['subject', { subject: word(1) }],
    ['rung', { rung: 1 }],
    ['life', { life: 1 }],
    ['rule', { ruleId: word(1) }],
  ] as const)
    it(`hears nothing of a verdict of another ${what} than its rule’s`, async () => {
      const rig = await fresh();
      const height = await calm(rig);
      const honest = await verdictAt(rig, height, [LOW, ANCHOR]);
      const certificate = await signedBy(rig, { ...honest, ...changes }, [1, 4]);
      const lie = { kind: 'certificate', certificate } as const;
      const digest = await rig.registry.read.digest([honest]);
      await reverts(hear(rig, await evidenceOf(rig, lie)), rig.falseClaim, 'SignatureInvalid', [
        digest,
      ]);
    });

  it('hears nothing of opinions', async () => {
    const rig = await fresh();
    const rule = rig.opinion;
    const lie = await signPrices(rig, await calm(rig), [], { rule });
    await reverts(
      hear(rig, await evidenceOf(rig, lie, rule, '0x')),
      rig.falseClaim,
      'ClassRefused',
      [2],
    );
  });

  it('knows only epochs that were opened', async () => {
    const rig = await fresh();
    const height = await calm(rig);
    const verdict = { ...(await verdictAt(rig, height, [LOW, ANCHOR])), epoch: 99n };
    const lie = { kind: 'certificate', certificate: await signedBy(rig, verdict, [1]) } as const;
    await reverts(hear(rig, await evidenceOf(rig, lie)), rig.falseClaim, 'EpochUnknown', [99n]);
  });

  it('believes signatures, not lists', async () => {
    const rig = await fresh();
    const lie = await signPrices(rig, await calm(rig), [LOW, ANCHOR]);
    const { certificate } = lie;
    const forged = { ...lie, certificate: { ...certificate, seats: [0, 1, 4] } };
    const digest = await rig.registry.read.digest([certificate.verdict]);
    await reverts(hear(rig, await evidenceOf(rig, forged)), rig.falseClaim, 'SignatureInvalid', [
      digest,
    ]);
  });

  for (const [what, forge, error] of [
    ['nothing', () => '0x', 'RlpTruncated'],
    ['a byte too few', (proof) => slice(proof, 0, -1), 'RlpTruncated'],
    ['a byte too many', (proof) => concatHex([proof, '0x00']), 'ProofTooLong'],
    ['a header changed', (proof) => flip(proof, 40), 'HeaderMismatch'],
    ['a value changed', (proof) => flip(proof, -1), 'NodeMismatch'],
  ] as readonly (readonly [string, (proof: Hex) => Hex, string])[])
    it(`refuses a proof with ${what}`, async () => {
      const rig = await fresh();
      const height = await calm(rig);
      const lie = await signPrices(rig, height, [LOW], { rule: rig.faulting });
      const proof = forge(await proofOf(rig, rig.id, rig.faulting, height));
      const call = hear(rig, await evidenceOf(rig, lie, rig.faulting, proof));
      assert.equal((await errorOf(call, rig.falseClaim)).name, error);
    });

  it('refuses a proof of another rule’s slots', async () => {
    const rig = await fresh();
    const height = await calm(rig);
    const elsewhere: Rule = { ...rig.faulting, slots: [{ ...rig.slot, slot: word(2) }] };
    const lie = await signPrices(rig, height, [LOW], { rule: rig.faulting });
    const proof = await proofOf(rig, rig.id, elsewhere, height);
    const call = hear(rig, await evidenceOf(rig, lie, rig.faulting, proof));
    await assert.rejects(call);
    const claimed = await signPrices(rig, height, [LOW], { rule: elsewhere });
    const offence = await hear(rig, await evidenceOf(rig, claimed, elsewhere, proof));
    assert.deepEqual(offence, offenceOf(rig.epoch, [1, 4]));
  });

  it('answers only for the registry it is asked about', async () => {
    const rig = await fresh();
    const lie = await signPrices(rig, await calm(rig), [LOW, ANCHOR]);
    const evidence = await evidenceOf(rig, lie);
    const other = rig.hub.address;
    await reverts(rig.falseClaim.read.judge([other, evidence]), rig.falseClaim, 'RegistryDiffers', [
      getAddress(other),
      numberToHex(BigInt(rig.registry.address), { size: 32 }),
    ]);
  });

  it('names rules by all their bytes', async () => {
    const rig = await fresh();
    const lie = await signPrices(rig, await calm(rig), [LOW, ANCHOR]);
    const { verdict } = lie.certificate;
    const other: Rule = { ...rig.rule, params: '0x' };
    assert.notEqual(ruleId(other), verdict.ruleId);
    const digest = await rig.registry.read.digest([{ ...verdict, ruleId: ruleId(other) }]);
    const call = hear(rig, await evidenceOf(rig, lie, other, '0x'));
    await reverts(call, rig.falseClaim, 'SignatureInvalid', [digest]);
  });
});

/** The same bytes but for a bit of one, counted from the end where negative. */
const flip = (bytes: Hex, place: number): Hex => {
  const at = 2 + 2 * place + (place < 0 ? bytes.length - 2 : 0);
  const byte = Number.parseInt(bytes.slice(at, at + 2), 16) ^ 1;
  return `${bytes.slice(0, at)}${byte.toString(16).padStart(2, '0')}${bytes.slice(at + 2)}` as Hex;
};
