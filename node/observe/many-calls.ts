import { concatHex, type Hex, isHex, numberToHex, padHex, size, slice } from 'viem';
import { faults } from '../../protocol/fault.ts';

const fault = faults<{ CALLS_INVALID: { count: number } }>();

/** A view call. */
export type Question = Readonly<{ to: Hex; data: Hex }>;

/** What each question gets: exactly so much gas, and room for so many bytes of an answer. */
export type Terms = Readonly<{ gas: number; room: number }>;

/** The longest input that is gathered, in bytes: a selector and two words. */
export const QUESTION = 68;
/** Above the gas of a question: cold contract, memory, and the 64th that a call may not hand on. */
const SPARE = 20_000;

/**
 * Creation code that puts each question to its contract and gives back the answers instead of code, for an eth_call
 * without `to`: as many questions as one request has room for, which is 24,576 bytes of answers (EIP-170). One that
 * reverts, or spends its gas, spoils no other. With too little gas for all the whole call reverts: what a question gets
 * must not depend on what a provider allows.
 */
export const manyCalls = (questions: readonly Question[], terms: Terms): Hex =>
  concatHex([
    program(terms),
    ...questions.flatMap(({ to, data }) => [
      numberToHex(size(data), { size: 12 }),
      to,
      padHex(data, { size: QUESTION, dir: 'right' }),
    ]),
  ]);

/** The answers in the order of the questions; null for one that reverted or has no room. */
export function manyAnswers(
  answer: unknown,
  count: number,
  { room }: Terms,
): readonly (Hex | null)[] {
  const stride = 32 + room;
  if (!isHex(answer) || size(answer) !== count * stride) throw fault('CALLS_INVALID', { count });
  return Array.from({ length: count }, (_, index) => {
    const start = index * stride;
    const head = BigInt(slice(answer, start, start + 32));
    const length = head & 0xffff_ffff_ffff_ffffn;
    if (head >> 64n === 0n || length > BigInt(room)) return null;
    return length === 0n ? '0x' : slice(answer, start + 32, start + 32 + Number(length));
  });
}

/**
 * By the byte at which each line starts. On the stack: the place of the next question, in the code from 0x50 on, and
 * under it that of the next answer, in memory from 0x80 on.
 */
const program = ({ gas, room }: Terms): Hex =>
  concatHex([
    '0x60806050', // 00 PUSH 0x80, PUSH 0x50
    '0x5b803811601357', // 04 while the code goes on past the question's place, go to 13
    '0x50608080910390f3', // 0b RETURN what was written
    '0x5b6064815f39', // 13 CODECOPY(0, question, 100)
    push(4, Math.floor((gas * 64) / 63) + SPARE),
    '0x5a11602657', // 1e as long as more gas is left, go to 26
    '0x5f5ffd', // 23 REVERT(0, 0)
    concatHex(['0x5b', push(2, room)]),
    '0x826020015f5160a01c60205f51', // 2a answer + 32, the input's length, 32, the contract
    concatHex([push(4, gas), '0xfa']), // 37 STATICCALL(gas, contract, 32, length, answer + 32, room)
    '0x60401b3d178252', // 3d MSTORE(answer, success << 64 | RETURNDATASIZE)
    concatHex(['0x90', push(2, 32 + room), '0x0190']), // 44 the next answer is so far on
    '0x606401600456', // 4a the next question 100 bytes, go to 04
  ]);

const push = (bytes: 2 | 4, value: number): Hex =>
  concatHex([numberToHex(0x5f + bytes), numberToHex(value, { size: bytes })]);
