import { encodePacked, type Hex, hashTypedData, keccak256, toHex, zeroHash } from 'viem';
import { account, MAX64, word } from './labels.ts';

const keyFields = [
  { name: 'observedChainId', type: 'uint64' },
  { name: 'coverageId', type: 'bytes32' },
  { name: 'ruleId', type: 'bytes32' },
  { name: 'blockHash', type: 'bytes32' },
  { name: 'subject', type: 'bytes32' },
] as const;

const types = {
  Verdict: [
    ...keyFields,
    { name: 'height', type: 'uint64' },
    { name: 'epoch', type: 'uint64' },
    { name: 'rung', type: 'uint8' },
    { name: 'life', type: 'uint32' },
    { name: 'claimsRoot', type: 'bytes32' },
  ],
  VerdictKey: keyFields,
} as const;

/** Verdicts at the ends of their fields and between. */
export const verdictAt = (index: number) => ({
  observedChainId: [31_337n, 1n, MAX64][index % 3] ?? 1n,
  coverageId: word(`coverage ${index}`),
  ruleId: word(`rule ${index}`),
  blockHash: word(`block ${index}`),
  subject: index % 2 === 0 ? (`0x${'0'.repeat(64)}` as Hex) : word(`subject ${index}`),
  height: index === 2 ? MAX64 : 1_000n + BigInt(index),
  epoch: index === 2 ? MAX64 : 1n + BigInt(index),
  rung: 1 + (index % 3),
  life: index === 2 ? 0xffff_ffff : 3_600 * (index + 1),
  claimsRoot: word(`claims ${index}`),
});

/** Where they are valid. */
export const domainAt = (index: number) => ({
  chainId: [31_337n, 1n, (1n << 255n) + 7n][index % 3] ?? 1n,
  registry: account(`registry ${index}`),
});

const typedDomain = ({ chainId, registry }: ReturnType<typeof domainAt>) => ({
  name: 'Tocsin',
  version: '1',
  // viem's type asks for a number but takes any size of bigint.
  chainId: chainId as unknown as number,
  verifyingContract: registry,
});

/** 189 bytes. */
export const packVerdict = (verdict: ReturnType<typeof verdictAt>): Hex =>
  encodePacked(
    types.Verdict.map(({ type }) => type),
    types.Verdict.map(({ name }) => verdict[name]),
  );

const rollCall: ReturnType<typeof verdictAt> = {
  ...verdictAt(0),
  ruleId: zeroHash,
  subject: keccak256(toHex('Tocsin roll call')),
  rung: 0,
  life: 0,
};

/** Digests by viem's typed data; the last is a roll call's. */
export const verdicts = () =>
  Array.from({ length: 7 }, (_, index) => {
    const domain = domainAt(index);
    const verdict = index === 6 ? rollCall : verdictAt(index);
    const common = { domain: typedDomain(domain), types, message: verdict };
    return {
      domain,
      verdict,
      digest: hashTypedData({ ...common, primaryType: 'Verdict' }),
      key: hashTypedData({ ...common, primaryType: 'VerdictKey' }),
      packed: packVerdict(verdict),
    };
  });
