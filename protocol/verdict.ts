import { type Hex, concatHex, encodeAbiParameters, keccak256, stringToHex } from 'viem';
import { createMemory } from './memory.ts';
import type { Domain, Rule, Verdict, VerdictKey } from './types.ts';

/** What a watcher signs: the EIP-712 digest of a verdict. */
export const verdictDigest = (domain: Domain, verdict: Verdict): Hex => {
  const { height, epoch, rung, life, claimsRoot } = verdict;
  const values = [...keyValues(verdict), height, epoch, rung, life, claimsRoot] as const;
  return once(domain, values, () =>
    seal(domain, encodeAbiParameters(verdictWords, [VERDICT_TYPE, ...values])),
  );
};

/** What a verdict is about: a watcher signs at most one digest under one key. */
export const keyDigest = (domain: Domain, key: VerdictKey): Hex => {
  const values = keyValues(key);
  return once(domain, values, () =>
    seal(domain, encodeAbiParameters(keyWords, [KEY_TYPE, ...values])),
  );
};

/** Hash of everything that decides what a rule says. */
export const ruleId = (rule: Rule): Hex => keccak256(encodeRule(rule));

/** Names the destination of a trip: where the registry is, and which hub and target it acts on. */
export const coverageId = (destination: {
  homeChainId: bigint;
  registry: Hex;
  targetChainId: bigint;
  hub: Hex;
  target: Hex;
  nonce: bigint;
}): Hex =>
  keccak256(
    encodeAbiParameters(words('uint256', 'address', 'uint256', 'address', 'address', 'uint256'), [
      destination.homeChainId,
      destination.registry,
      destination.targetChainId,
      destination.hub,
      destination.target,
      destination.nonce,
    ]),
  );

/** Hash of every slot value that was read: for each height `at`, then its reference's values. */
export const claimsRoot = (values: readonly Hex[]): Hex =>
  keccak256(encodeAbiParameters([{ type: 'bytes32[]' }], [values]));

/** The rule as the contract takes it. */
export const evmRule = (rule: Rule) =>
  ({
    class: { A: 1, B: 2, C: 3 }[rule.class],
    rung: rule.rung,
    life: rule.life,
    family: stringToHex(rule.family, { size: 32 }),
    detector: rule.detector,
    code: rule.code,
    codeHash: rule.codeHash,
    gas: rule.gas,
    reference_: { none: 0, lookback: 1, anchor: 2 }[rule.reference.kind],
    lookback: rule.reference.kind === 'lookback' ? rule.reference.blocks : 0,
    hold: rule.hold,
    startBlock: rule.startBlock,
    slots: rule.slots,
    params: rule.params,
  }) as const;

const encodeRule = (rule: Rule): Hex => encodeAbiParameters([ruleTuple], [evmRule(rule)]);

/** Each seat says the same verdict: its digest is computed once for all of them. */
const once = ({ chainId, registry }: Domain, values: readonly unknown[], compute: () => Hex): Hex =>
  digests([chainId, registry, ...values].join(), compute);

const digests = createMemory<string, Hex>(1_024);

const seal = (domain: Domain, struct: Hex): Hex =>
  keccak256(concatHex(['0x1901', domainHash(domain), keccak256(struct)]));

const domainHash = (domain: Domain): Hex => {
  const known = domains.get(domain);
  if (known !== undefined) return known;
  const hash = hashDomain(domain);
  domains.set(domain, hash);
  return hash;
};

// A node has one domain, and hashes many verdicts of each block under it.
const domains = new WeakMap<Domain, Hex>();

const hashDomain = ({ chainId, registry }: Domain): Hex =>
  keccak256(
    encodeAbiParameters(words('bytes32', 'bytes32', 'bytes32', 'uint256', 'address'), [
      DOMAIN_TYPE,
      NAME,
      VERSION,
      chainId,
      registry,
    ]),
  );

/** Blocks that a verdict of the rule looks back in all. */
export const reachOf = ({ hold, reference }: Rule): number =>
  hold + (reference.kind === 'lookback' ? reference.blocks : 0);

const keyValues = (key: VerdictKey) =>
  [key.observedChainId, key.coverageId, key.ruleId, key.blockHash, key.subject] as const;

const words = <const T extends readonly string[]>(...types: T) =>
  types.map((type) => ({ type })) as { [K in keyof T]: { type: T[K] } };

const typeHash = (type: string): Hex => keccak256(stringToHex(type));

const KEY_FIELDS =
  'uint64 observedChainId,bytes32 coverageId,bytes32 ruleId,bytes32 blockHash,bytes32 subject';
const DOMAIN_TYPE = typeHash(
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
);
const NAME = typeHash('Tocsin');
const VERSION = typeHash('1');
const KEY_TYPE = typeHash(`VerdictKey(${KEY_FIELDS})`);
const VERDICT_TYPE = typeHash(
  `Verdict(${KEY_FIELDS},uint64 height,uint64 epoch,uint8 rung,uint32 life,bytes32 claimsRoot)`,
);

const keyWords = words('bytes32', 'uint64', 'bytes32', 'bytes32', 'bytes32', 'bytes32');
const verdictWords = [
  ...keyWords,
  ...words('uint64', 'uint64', 'uint8', 'uint32', 'bytes32'),
] as const;

const ruleTuple = {
  type: 'tuple',
  components: [
    { name: 'class', type: 'uint8' },
    { name: 'rung', type: 'uint8' },
    { name: 'life', type: 'uint32' },
    { name: 'family', type: 'bytes32' },
    { name: 'detector', type: 'string' },
    { name: 'code', type: 'address' },
    { name: 'codeHash', type: 'bytes32' },
    { name: 'gas', type: 'uint32' },
    { name: 'reference_', type: 'uint8' },
    { name: 'lookback', type: 'uint16' },
    { name: 'hold', type: 'uint16' },
    { name: 'startBlock', type: 'uint64' },
    {
      name: 'slots',
      type: 'tuple[]',
      components: [
        { name: 'account', type: 'address' },
        { name: 'slot', type: 'bytes32' },
      ],
    },
    { name: 'params', type: 'bytes' },
  ],
} as const;
