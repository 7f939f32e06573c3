import { concatHex, type Hex, isHex, keccak256, numberToHex, slice, stringToHex } from 'viem';
import { faults } from '../../protocol/fault.ts';
import type { Slot } from '../../protocol/types.ts';

const fault = faults<{ SLOTS_INVALID: { count: number } }>();

/** Slots of one call: six million gas where each is of another account. */
export const SLOTS = 1_000;
/** Below what a transaction may have (EIP-7825), and what providers give a call. */
const GAS = numberToHex(15_000_000);

/** Accounts, each once, and the slots asked of each. */
type Asked = ReadonlyMap<Hex, readonly Hex[]>;

/** One eth_call for many slots, and how its answer is read. */
export type ManySlots = Readonly<{
  call: object;
  /** State that the call is made over. */
  over: object;
  /** The values in the order of the slots; null of those whose account runs no code but its own, as precompiles do. */
  read: (answer: unknown) => readonly (Hex | null)[];
}>;

/**
 * Reads storage with eth_call: every account gets the code of a program that loads what it is asked, in place of its
 * own, and another program calls one account after the other. What a call changes of the state it is made over is
 * forgotten with it.
 */
export function manySlots(slots: readonly Slot[]): ManySlots {
  const asked = byAccount(slots);
  const to = placeBeside(asked);
  const code = (address: Hex, program: Hex) => [address, { code: program }] as const;
  const over = [...asked.keys()].map((account) => code(account, LOAD));
  return {
    call: { to, gas: GAS, data: concatHex([...asked].flatMap(inputOf)) },
    over: Object.fromEntries([...over, code(to, GATHER)]),
    read: (answer) => {
      const values = valuesIn(answer, asked, slots.length);
      return slots.map(({ account, slot }) => values.get(`${account}${slot}`) ?? null);
    },
  };
}

function byAccount(slots: readonly Slot[]): Asked {
  const asked = new Map<Hex, Set<Hex>>();
  for (const { account, slot } of slots)
    asked.set(account, (asked.get(account) ?? new Set()).add(slot));
  return new Map([...asked].map(([account, keys]) => [account, [...keys]]));
}

/** An address that nothing is asked of, whatever anybody covers. */
function placeBeside(asked: Asked): Hex {
  let place = stringToHex('tocsin many slots');
  do place = slice(keccak256(place), 12);
  while (asked.has(place));
  return place;
}

/** A word with the account and above it the bytes of its keys, then the keys. */
const inputOf = ([account, keys]: readonly [Hex, readonly Hex[]]): readonly Hex[] => [
  numberToHex((BigInt(32 * keys.length) << 160n) | BigInt(account), { size: 32 }),
  ...keys,
];

/** For each account its values and then its own address, without which nothing of it counts. */
function valuesIn(answer: unknown, asked: Asked, count: number): ReadonlyMap<string, Hex> {
  const words = [...asked.values()].reduce((sum, keys) => sum + keys.length + 1, 0);
  if (!isHex(answer) || answer.length !== 2 + 64 * words) throw fault('SLOTS_INVALID', { count });
  const wordAt = (index: number) => answer.slice(2 + 64 * index, 66 + 64 * index).toLowerCase();
  const values = new Map<string, Hex>();
  let at = 0;
  for (const [account, keys] of asked) {
    const isRead = wordAt(at + keys.length) === account.slice(2).padStart(64, '0');
    if (isRead)
      keys.forEach((key, index) => values.set(`${account}${key}`, `0x${wordAt(at + index)}`));
    at += keys.length + 1;
  }
  return values;
}

/** By the byte at which each line starts. On the stack: the place of the next key, and of its value. */
const LOAD = concatHex([
  '0x5f', // 00 PUSH 0
  '0x5b368110601157', // 01 while the input goes on past the place, go to 11
  '0x303652', // 08 after the values, MSTORE(CALLDATASIZE, ADDRESS)
  '0x60203601', // 0b that is 32 bytes more than came
  '0x5ff3', // 0f RETURN
  '0x5b8035548152', // 11 MSTORE(place, SLOAD(CALLDATALOAD(place)))
  '0x602001600156', // 17 the next word; go to 01
]);

/** The same of accounts: the first word of each has its address, the bytes of its keys above; its answer takes its place. */
const GATHER = concatHex([
  '0x5f', // 00 PUSH 0
  '0x5b368110600b57', // 01 while the input goes on past the place, go to 0b
  '0x365ff3', // 08 RETURN as much as came
  '0x5b8035', // 0b first = CALLDATALOAD(place)
  '0x8060a01c', // 0e bytes = first >> 160
  '0x80836020018437', // 12 CALLDATACOPY(place, place + 32, bytes)
  '0x80602001838281', // 19 the answer: bytes + 32 at place; the input: bytes at place
  '0x8585605002612710', // 20 to first, with 80 gas a byte
  '0x01fa50', // 28 and 10,000 more: STATICCALL, whatever comes of it
  '0x905001602001', // 2b the place after both
  '0x600156', // 31 go to 01
]);
