import { concatHex, type Hex, hexToBigInt, isHex, keccak256, size, slice } from 'viem';
import { faults } from '../../protocol/fault.ts';
import { COLLECT_FROM } from '../../protocol/sentinel.ts';
import type { Block } from '../lib/pipeline.ts';
import type { AskingEach } from './asking.ts';

const fault = faults<{ PROVIDER_UNFIT: { words: readonly bigint[] } }>();

/** Opcodes whose answers a sentinel's call fixes: ORIGIN, GASPRICE, NUMBER, TIMESTAMP, CHAINID, SELFBALANCE. */
const OPCODES = ['32', '3a', '43', '42', '46', '47'] as const;

/** Code that answers a word for each. */
const CODE: Hex = concatHex([
  ...OPCODES.map(
    (opcode, index) => `0x${opcode}60${(32 * index).toString(16).padStart(2, '0')}52` as const,
  ),
  `0x60${(32 * OPCODES.length).toString(16)}5ff3`,
]);
const ADDRESS = slice(keccak256(CODE), 12);
const TERMS = { gas: 100_000, room: 32 * OPCODES.length };

/** Throws until every provider has shown once that it takes code in place of an account's, and knows who calls, where and for how much. */
export type Probe = (block: Block) => Promise<void>;

/** A provider that does not understand the call would make a fault of every sentinel, for this node alone. */
export function createProbe(askEach: AskingEach): Probe {
  let isFit = false;
  return async (block) => {
    if (isFit) return;
    const { chainId, height, timestamp } = block;
    const expected = [hexToBigInt(COLLECT_FROM), 0n, height, timestamp, chainId, 0n];
    const all = await askEach(block, [{ to: ADDRESS, data: '0x' }], TERMS, { [ADDRESS]: CODE });
    for (const [answer] of all) {
      const words = wordsOf(answer);
      if (words.join() !== expected.join()) throw fault('PROVIDER_UNFIT', { words });
    }
    isFit = true;
  };
}

const wordsOf = (answer: Hex | null | undefined): readonly bigint[] =>
  isHex(answer) && size(answer) === TERMS.room
    ? OPCODES.map((_, index) => BigInt(slice(answer, 32 * index, 32 * index + 32)))
    : [];
