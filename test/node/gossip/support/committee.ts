import { keccak256, numberToHex, stringToHex } from 'viem';
import type { Hex } from 'viem';
import { keyHash, publicKeyOf, secretFromSeed, sign } from '../../../../protocol/bls.ts';
import type { Attestation, Committee, Domain, Rule, Verdict } from '../../../../protocol/types.ts';
import { verdictDigest } from '../../../../protocol/verdict.ts';
import type { Block, CoveredRule, Finding } from '../../../../node/lib/pipeline.ts';

export const domain: Domain = {
  chainId: 31337n,
  registry: '0x5fbdb2315678afecb367f032d93f642f64180aa3',
};

/** 32 bytes from a word. */
export const hash = (word: string): Hex => keccak256(stringToHex(word));

/** Secrets of seats 0 to n - 1. */
export const secretsOf = (seats: number, salt = ''): Uint8Array[] =>
  Array.from({ length: seats }, (_, i) => {
    const seed = Buffer.from(
      (hash(`${salt}seed ${i}`) + hash(`${salt}more ${i}`).slice(2)).slice(2, 98),
      'hex',
    );
    return secretFromSeed(seed);
  });

export const committeeOf = (
  secrets: readonly Uint8Array[],
  weights?: readonly bigint[],
  epoch = 1n,
): Committee => {
  const seats = secrets.map((secret, index) => {
    const key = publicKeyOf(secret);
    return { index, key, keyHash: keyHash(key), weight: weights?.[index] ?? 10n };
  });
  const totalWeight = seats.reduce((sum, { weight }) => sum + weight, 0n);
  return { epoch, seats, totalWeight, maxRung: seats.length < 4 ? 1 : 3 };
};

export const rule: Rule = {
  class: 'A',
  rung: 3,
  life: 3600,
  family: 'share-price',
  detector: 'share-price-fall@1.0.0',
  code: numberToHex(1n, { size: 20 }),
  codeHash: hash('code'),
  gas: 100_000,
  reference: { kind: 'none' },
  hold: 0,
  startBlock: 0n,
  slots: [],
  params: '0x',
};

export const covered: CoveredRule = {
  coverageId: hash('coverage'),
  ruleId: hash('rule'),
  name: 'share price',
  target: numberToHex(2n, { size: 20 }),
  rule,
  phase: 'armed',
  armedAt: 0n,
  notBefore: 0n,
  escrow: 0n,
  kind: 'predicate',
  bytecode: null,
  lastHeight: 0n,
  anchor: null,
};

export const blockAt = (height: bigint, branch = ''): Block => ({
  chainId: domain.chainId,
  height,
  hash: hash(`block ${height}${branch}`),
  parentHash: hash(`block ${height - 1n}${branch}`),
  timestamp: height,
  stateRoot: hash(`state ${height}${branch}`),
});

export const findingAt = (height: bigint, values: readonly Hex[] = [], epoch = 1n): Finding => ({
  block: blockAt(height),
  epoch,
  covered,
  values,
  measure: 0n,
});

export const verdictAt = (height: bigint, changes: Partial<Verdict> = {}): Verdict => ({
  observedChainId: domain.chainId,
  coverageId: covered.coverageId,
  ruleId: covered.ruleId,
  blockHash: blockAt(height).hash,
  subject: `0x${'00'.repeat(32)}`,
  height,
  epoch: 1n,
  rung: rule.rung,
  life: rule.life,
  claimsRoot: hash('claims'),
  ...changes,
});

export const attestationOf = (
  secrets: readonly Uint8Array[],
  seat: number,
  verdict: Verdict,
): Attestation => ({
  verdict,
  seat,
  signature: sign(secrets[seat]!, verdictDigest(domain, verdict)),
});
