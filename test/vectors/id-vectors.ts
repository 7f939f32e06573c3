import {
  encodeAbiParameters,
  encodePacked,
  type Hex,
  keccak256,
  parseAbiParameters,
  stringToHex,
} from 'viem';
import { account, MAX64, word } from './labels.ts';
import { domainAt } from './verdict-vectors.ts';

const ruleAbi = parseAbiParameters([
  'Rule rule',
  'struct Slot { address account; bytes32 slot; }',
  'struct Rule { uint8 class; uint8 rung; uint32 life; bytes32 family; string detector; address code; bytes32 codeHash; uint32 gas; uint8 reference_; uint16 lookback; uint16 hold; uint64 startBlock; Slot[] slots; bytes params; }',
]);

const ruleAt = (index: number) => ({
  class: (['A', 'B', 'C'] as const)[index % 3] ?? 'A',
  rung: 1 + (index % 3),
  life: 600 + index,
  family:
    ['feed', 'share-price', 'a-family-of-thirty-two-characters'.slice(0, 32)][index % 3] ?? '',
  detector: index === 2 ? `${'x'.repeat(58)}@1.2.3` : `feed-bound@1.0.${index}`,
  code: account(`code ${index}`),
  codeHash: word(`code hash ${index}`),
  gas: 100_000 + index,
  reference: [
    { kind: 'none' as const },
    { kind: 'lookback' as const, blocks: 1 + index },
    { kind: 'anchor' as const },
  ][index % 3] ?? { kind: 'none' as const },
  hold: index % 2,
  startBlock: index === 3 ? MAX64 : BigInt(index),
  slots: Array.from({ length: index === 5 ? 16 : index % 3 }, (_, slot) => ({
    account: account(`account ${index} ${slot}`),
    slot: word(`slot ${index} ${slot}`),
  })),
  params: index === 0 ? ('0x' as Hex) : (`0x${'ab'.repeat(index * 33)}` as Hex),
});

/** Rule ids by viem's coder from the struct as Solidity spells it. */
export const rules = () =>
  Array.from({ length: 6 }, (_, index) => {
    const rule = ruleAt(index);
    const solidity = {
      ...rule,
      class: { A: 1, B: 2, C: 3 }[rule.class],
      family: stringToHex(rule.family, { size: 32 }),
      reference_: { none: 0, lookback: 1, anchor: 2 }[rule.reference.kind],
      lookback: rule.reference.kind === 'lookback' ? rule.reference.blocks : 0,
    };
    return { rule, id: keccak256(encodeAbiParameters(ruleAbi, [solidity])) };
  });

/** Coverage ids by packing words. */
export const coverages = () =>
  Array.from({ length: 4 }, (_, index) => {
    const destination = {
      homeChainId: domainAt(index).chainId,
      registry: account(`registry ${index}`),
      targetChainId: index === 1 ? 10n : domainAt(index).chainId,
      hub: account(`hub ${index}`),
      target: account(`target ${index}`),
      nonce: BigInt(index),
    };
    // Each value is one word, so packing words is what abi.encode does.
    const packed = encodePacked(
      ['uint256', 'bytes32', 'uint256', 'bytes32', 'bytes32', 'uint256'],
      [
        destination.homeChainId,
        pad(destination.registry),
        destination.targetChainId,
        pad(destination.hub),
        pad(destination.target),
        destination.nonce,
      ],
    );
    return { destination, id: keccak256(packed) };
  });

/** Running hashes of incidents, each on the one before, by packing words. */
export const incidents = () => {
  const coverageId = word('coverage of incidents');
  const records = [0, 1, 2].map((index) => ({
    digest: word(`incident ${index}`),
    signers: [index === 1 ? MAX256 : BigInt(index + 0b101), index === 1 ? 1n : 0n] as const,
    signed: 70n + BigInt(index),
    total: index === 2 ? MAX64 : 100n,
    rung: 1 + index,
    trippedAt: index === 1 ? MAX64 : 1_799_996_400n,
    end: index === 1 ? MAX64 : 1_800_000_000n,
  }));
  let last = coverageId;
  return records.map((record) => {
    const previous = last;
    const { digest, signers, signed, total, rung, trippedAt, end } = record;
    const words = [...signers, signed, total, BigInt(rung), trippedAt, end];
    last = keccak256(
      encodePacked(
        ['bytes32', 'bytes32', ...words.map(() => 'uint256')],
        [previous, digest, ...words],
      ),
    );
    return { previous, record, hash: last };
  });
};

const MAX256 = 2n ** 256n - 1n;

const pad = (address: Hex): Hex => `0x${'0'.repeat(24)}${address.slice(2)}`;

/** Claims roots by packing words. */
export const claims = () =>
  [0, 1, 2, 16, 64].map((count) => {
    const values = Array.from({ length: count }, (_, index) => word(`value ${count} ${index}`));
    const head = encodePacked(['uint256', 'uint256'], [32n, BigInt(count)]);
    return { values, root: keccak256(`${head}${values.map((value) => value.slice(2)).join('')}`) };
  });
