import { keccak256 } from 'viem';
import { manifestSchema } from '../../protocol/manifest.ts';

/** A rule of each kind that is right, and a manifest of the first. */
export const rule = {
  name: 'vault-drain',
  kind: 'predicate',
  family: 'share-price',
  rung: 3,
  life: 3_600,
  detector: 'share-price-fall@1.0.0',
  code: `0x${'ab'.repeat(20)}`,
  codeHash: `0x${'cd'.repeat(32)}`,
  gas: 100_000,
  reference: { kind: 'lookback', blocks: 1 },
  hold: 0,
  slots: [{ account: `0x${'11'.repeat(20)}`, slot: `0x${'00'.repeat(32)}` }],
  params: '0x',
};
export const sentinel = {
  name: 'balance-watch',
  kind: 'sentinel',
  family: 'outflow',
  rung: 2,
  life: 3_600,
  detector: 'balance-watch@1.0.0',
  bytecode: '0x6001',
  codeHash: keccak256('0x6001'),
  gas: 100_000,
  samples: 5,
};
export const detector = {
  name: 'outflow',
  kind: 'detector',
  class: 'C',
  family: 'outflow',
  rung: 1,
  life: 3_600,
  detector: 'outflow@1.0.0',
  startBlock: 7,
  lookback: 96,
  parameters: { token: `0x${'11'.repeat(20)}`, maxOutflowBps: 1_500, isStrict: true },
};
export const manifest = {
  version: 1,
  name: 'A vault',
  target: `0x${'22'.repeat(20)}`,
  rules: [rule],
};
export const slots = (count: number) => Array.from({ length: count }, () => rule.slots[0]);
export const zero = (bytes: number) => `0x${'00'.repeat(bytes)}`;

/** The first problem, as `path: message`. */
export const problemOf = (value: unknown): string | null => {
  const parsed = manifestSchema.safeParse(value);
  const [issue] = parsed.error?.issues ?? [];
  return issue === undefined ? null : `${issue.path.join('.')}: ${issue.message}`;
};
