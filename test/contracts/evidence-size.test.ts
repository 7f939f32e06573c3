import assert from 'node:assert/strict';
import { encodeFunctionData, type Hex, numberToHex, serializeTransaction, size } from 'viem';
import { courtAbi, proverAbi } from '../../protocol/abi.ts';
import { signatureFromEvm } from '../../protocol/bls.ts';
import { createCertificate } from '../../protocol/certificate.ts';
import { claimedBlocks, provenBlocks } from '../../protocol/claims.ts';
import {
  falseClaimEvidence,
  falseSilenceEvidence,
  nonSequiturEvidence,
} from '../../protocol/evidence.ts';
import { RULE_BOUNDS } from '../../protocol/named-rule.ts';
import { MAX_SEATS } from '../../protocol/quorum.ts';
import type { Certificate, Rule } from '../../protocol/types.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { keyAt, signDigest } from './support/bls.ts';
import { headerOf, makeState } from './support/proof-gas.ts';
import { anyWord } from './support/tries.ts';

/** What public pools carry (geth's txMaxSize), less what a busier header or another field may take. */
const MOST = 120_000;
/** Full branches above an account and above a slot: as deep as the largest states are. */
const DEEP = { accountLevels: 8, storageLevels: 7, blocks: 1 } as const;
const ADDRESS: Hex = '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0';
const HEIGHT = 2n ** 32n;
const signed = signatureFromEvm(signDigest(anyWord(), [keyAt(0)]));
assert.ok(signed.ok);
const SIGNATURE = signed.value;

const sizeOf = async (slots: number) =>
  size((await makeState({ ...DEEP, slots })).proofAt(HEIGHT).proof);
/** Bytes of a header, of the nodes above an account, and of those above a slot. */
const header = size(headerOf(HEIGHT, anyWord()));
const slot = (await sizeOf(2)) - (await sizeOf(1));
const account = (await sizeOf(1)) - slot - header;

/** Rules of as many accounts and slots as there may be, with all that may be long. */
const rules = (['none', 'lookback', 'anchor'] as const).flatMap((kind) =>
  [0, 3].flatMap((hold) => {
    const reference: Rule['reference'] = kind === 'lookback' ? { kind, blocks: 2 } : { kind };
    const blocks = claimedBlocks({ reference, hold }, HEIGHT).length;
    const room = Math.floor(RULE_BOUNDS.paths / blocks);
    return Array.from({ length: RULE_BOUNDS.slots }, (_, index) => index + 1)
      .filter((slots) => slots < room)
      .map((slots) => ruleOf({ reference, hold }, slots, Math.min(slots, room - slots)));
  }),
);

function ruleOf(changes: Pick<Rule, 'reference' | 'hold'>, slots: number, accounts: number): Rule {
  return {
    class: 'A',
    rung: 3,
    life: 86_400,
    family: 'f'.repeat(RULE_BOUNDS.familyBytes),
    detector: 'd'.repeat(RULE_BOUNDS.detectorBytes),
    code: ADDRESS,
    codeHash: anyWord(),
    gas: RULE_BOUNDS.maxGas,
    startBlock: 0n,
    slots: Array.from({ length: slots }, (_, index) => ({
      account: numberToHex(1 + (index % accounts), { size: 20 }),
      slot: anyWord(),
    })),
    params: bytesOf(RULE_BOUNDS.paramsBytes),
    ...changes,
  };
}

/** A proof of all values; with that of an anchor which the registry has forgotten, where the rule has one. */
const proofOf = (rule: Rule): Hex => {
  const accounts = new Set(rule.slots.map((each) => each.account)).size;
  const block = header + accounts * account + rule.slots.length * slot;
  const forgotten = rule.reference.kind === 'anchor' ? header + account + slot : 0;
  return bytesOf(forgotten + provenBlocks(rule, HEIGHT).length * block);
};

function bytesOf(count: number): Hex {
  return `0x${'a5'.repeat(count)}`;
}

const certificateOf = (rule: Rule): Certificate =>
  createCertificate({
    verdict: {
      observedChainId: 1n,
      coverageId: anyWord(),
      ruleId: anyWord(),
      blockHash: anyWord(),
      subject: anyWord(),
      height: HEIGHT,
      epoch: HEIGHT,
      rung: 3,
      life: rule.life,
      claimsRoot: anyWord(),
    },
    seatCount: MAX_SEATS,
    signers: Array.from({ length: MAX_SEATS / 2 }, (_, index) => 2 * index),
    signature: SIGNATURE,
  });

/** Bytes of a signed transaction. */
const sent = (data: Hex): number =>
  size(
    serializeTransaction(
      {
        chainId: 1,
        nonce: 2 ** 32,
        gas: 16_777_216n,
        maxFeePerGas: 2n ** 64n,
        maxPriorityFeePerGas: 2n ** 64n,
        to: ADDRESS,
        data,
      },
      { r: anyWord(), s: anyWord(), yParity: 1 },
    ),
  );
const shown = (evidence: Hex): number =>
  sent(
    encodeFunctionData({ abi: courtAbi, functionName: 'reveal', args: [1n, evidence, anyWord()] }),
  );

describe(`a transaction about a rule of ${RULE_BOUNDS.paths} paths, in a state as deep as the largest`, () => {
  for (const [what, bytesFor] of [
    [
      'that shows a false claim',
      (rule) => {
        const certificate = certificateOf(rule);
        const vouched = { kind: 'certificate', certificate } as const;
        return shown(falseClaimEvidence(ADDRESS, vouched, rule, proofOf(rule)));
      },
    ],
    [
      'that shows a false claim which tripped',
      (rule) => {
        const { verdict } = certificateOf(rule);
        const record = {
          digest: anyWord(),
          signers: [2n ** 256n - 1n, 2n ** 256n - 1n] as const,
          signed: 2n ** 40n,
          total: 2n ** 40n,
          rung: 3,
          trippedAt: 2n ** 32n,
          end: 2n ** 32n,
        };
        // Followed by as many as there may be until somebody books one of them.
        const landed = { previous: anyWord(), record, trail: [record, record, record, record] };
        const vouched = { kind: 'incident', verdict, landed } as const;
        return shown(falseClaimEvidence(ADDRESS, vouched, rule, proofOf(rule)));
      },
    ],
    [
      'that shows a false roll call',
      (rule) => {
        const leaves = Array.from({ length: RULE_BOUNDS.rules }, () => ({
          ruleId: anyWord(),
          state: 0,
        }));
        const certificate = certificateOf(rule);
        const proof = proofOf(rule);
        return shown(falseSilenceEvidence(ADDRESS, certificate, leaves, 15, rule, proof));
      },
    ],
    [
      'that shows what does not follow',
      (rule) => {
        const vouched = { kind: 'certificate', certificate: certificateOf(rule) } as const;
        const values = claimedBlocks(rule, HEIGHT).flatMap(() => rule.slots.map(anyWord));
        return shown(nonSequiturEvidence(ADDRESS, vouched, rule, values));
      },
    ],
    [
      'that trips by proof',
      (rule) =>
        sent(
          encodeFunctionData({
            abi: proverAbi,
            functionName: 'trip',
            args: [anyWord(), evmRule(rule), HEIGHT, proofOf(rule)],
          }),
        ),
    ],
  ] as readonly (readonly [string, (rule: Rule) => number])[])
    it(`${what} is at most ${MOST} bytes`, () => {
      for (const rule of rules) {
        const bytes = bytesFor(rule);
        assert.ok(bytes <= MOST, `${bytes}: ${rule.slots.length} slots, ${rule.reference.kind}`);
      }
    });

  it('is not much smaller where the rule is the largest', () => {
    const most = Math.max(...rules.map((rule) => size(proofOf(rule))));
    assert.ok(most > 0.9 * MOST, `${most}`);
  });
});
