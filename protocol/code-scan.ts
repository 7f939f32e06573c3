import { bytesToHex, type Hex, hexToBytes, stringToHex } from 'viem';
import { type Decoded, accepted, refused } from './decoded.ts';

/** What code is for: a predicate may only compute, a sentinel may also read the chain. */
export type Scanned = 'predicate' | 'sentinel';

/** The first instruction that is not allowed. */
export type Impure = Readonly<{ offset: number; opcode: number }>;

/** Most bytes of code; none at all is refused too. */
export const MAX_CODE: Readonly<Record<Scanned, number>> = { predicate: 8_192, sentinel: 24_576 };

/**
 * The first instruction of `code` that its purpose does not allow, or null. Code is read as the EVM reads it. Of a
 * sentinel neither solc's trailer is looked at, nor what follows a stop up to the next JUMPDEST. Twin of the contracts'
 * PredicateScan and SentinelScan.
 */
export function impurityOf(purpose: Scanned, code: Uint8Array): Impure | null {
  const isSentinel = purpose === 'sentinel';
  const end = isSentinel ? code.length - trailerOf(code) : code.length;
  let runs = true;
  for (let offset = 0; offset < end; offset++) {
    const opcode = code[offset]!;
    runs ||= opcode === JUMPDEST;
    if (runs) {
      const next = offset + 1 < end ? code[offset + 1]! : 0;
      const isForwarded = isSentinel && opcode === GAS && TAKES_ALL_GAS.has(next);
      if (!isForwarded && !ALLOWED[purpose].has(opcode)) return { offset, opcode };
      if (isSentinel && STOPS.has(opcode)) runs = false;
    }
    if (opcode >= PUSH1 && opcode <= PUSH32) offset += opcode - PUSH1 + 1;
  }
  return null;
}

/** Whether a node may run this code. */
export function scanCode(
  purpose: Scanned,
  code: Hex,
): Decoded<Uint8Array, 'CODE_SIZE' | 'CODE_IMPURE'> {
  const bytes = hexToBytes(code);
  if (bytes.length === 0 || bytes.length > MAX_CODE[purpose]) return refused('CODE_SIZE');
  return impurityOf(purpose, bytes) === null ? accepted(bytes) : refused('CODE_IMPURE');
}

const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

const [JUMPDEST, GAS, PUSH1, PUSH32] = [0x5b, 0x5a, 0x60, 0x7f];
/** CALL and STATICCALL: compilers hand them all gas that is left. */
const TAKES_ALL_GAS: ReadonlySet<number> = new Set([0xf1, 0xfa]);
/** STOP, JUMP, RETURN, REVERT, INVALID. */
const STOPS: ReadonlySet<number> = new Set([0x00, 0x56, 0xf3, 0xfd, 0xfe]);

/** Arithmetic, comparison and bits, KECCAK256, call value and input, own code, memory, jumps, stack, the ends. */
const PURE: readonly number[] = [
  ...range(0x00, 0x0b),
  ...range(0x10, 0x1d),
  0x20,
  ...range(0x34, 0x39),
  ...range(0x50, 0x53),
  0x56,
  0x57,
  0x5b,
  ...range(0x5e, 0x9f),
  0xf3,
  0xfd,
  0xfe,
];
/** CLZ, own address, balances, other code, time and number, chain id, storage, calls, PC and MSIZE; what GAS is, is seen to apart. */
const READS: readonly number[] = [
  0x1e,
  0x30,
  0x31,
  ...range(0x3b, 0x3f),
  0x42,
  0x43,
  0x46,
  0x47,
  0x54,
  0x58,
  0x59,
  0xf1,
  0xfa,
];

const ALLOWED: Readonly<Record<Scanned, ReadonlySet<number>>> = {
  predicate: new Set(PURE),
  sentinel: new Set([...PURE, ...READS]),
};

/** Bytes of the trailer that solc writes, its length in the last two: a hash, a flag and a version, any but all of them absent. */
function trailerOf(code: Uint8Array): number {
  const size = 256 * (code.at(-2) ?? 0) + (code.at(-1) ?? 0);
  if (code.length < size + 2) return 0;
  const map = bytesToHex(code.subarray(code.length - size - 2, -2)).slice(2);
  const [, keys, ...entries] = TRAILER.exec(map) ?? [];
  const found = entries.filter((entry) => entry !== undefined).length;
  return found > 0 && Number(keys) === found ? size + 2 : 0;
}

const text = (value: string) => stringToHex(value).slice(2);
const HASHES = [
  `64${text('ipfs')}58221220[0-9a-f]{64}`,
  `65${text('bzzr')}3[01]5820[0-9a-f]{64}`,
].join('|');
const TRAILER = new RegExp(
  `^a([123])(${HASHES})?(6c${text('experimental')}f5)?(64${text('solc')}43[0-9a-f]{6})?$`,
);
