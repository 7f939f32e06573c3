import { concatHex, type Hex, hexToNumber, isHex, padHex, size, slice } from 'viem';
import { faults } from '../../protocol/fault.ts';

const fault = faults<{ CALLS_INVALID: { count: number } }>();

/** A selector and two words: the longest question that is gathered. Others are asked alone. */
export const QUESTION = 68;
/** Room for an answer, in bytes: eight words. Its true length goes before it. */
const ANSWER = 8 * 32;
const STRIDE = 32 + ANSWER;
/** Questions a call: what creation code gives back may not be longer than code, 24,576 bytes (EIP-170). */
export const QUESTIONS = 64;

/**
 * Creation code that puts questions to one contract and gives back its answers instead of code, for an eth_call
 * without `to`: as many questions as one request has room for. One that reverts fails them all.
 */
export const manyCalls = (to: Hex, questions: readonly Hex[]): Hex =>
  concatHex([
    program(to),
    ...questions.map((input) => padHex(input, { size: QUESTION, dir: 'right' })),
  ]);

/** The answers, in the order of the questions. */
export function manyAnswers(answer: unknown, count: number): readonly Hex[] {
  if (!isHex(answer) || size(answer) !== count * STRIDE) throw fault('CALLS_INVALID', { count });
  return Array.from({ length: count }, (_, index) => {
    const start = index * STRIDE;
    const length = slice(answer, start, start + 32);
    if (BigInt(length) > BigInt(ANSWER)) throw fault('CALLS_INVALID', { count });
    const bytes = hexToNumber(length);
    return bytes === 0 ? '0x' : slice(answer, start + 32, start + 32 + bytes);
  });
}

/**
 * By the byte at which each line starts. On the stack: the place of the next answer, in memory from 0x60 on, and under
 * it that of the next question, in the code from 0x50 on.
 */
const program = (to: Hex): Hex =>
  concatHex([
    '0x60506060', // 00 PUSH 0x50, PUSH 0x60
    '0x5b813811601257', // 04 while the code goes on past the question's place, go to 12
    '0x606080820390f3', // 0b RETURN what was written
    '0x5b6044825f39', // 12 CODECOPY(0, question, 68)
    '0x61010081602001', // 18 256 bytes, to answer + 32
    `0x60445f73${to.slice(2)}5afa`, // 1f STATICCALL(gas, to, 0, 68, answer + 32, 256)
    '0x15604c57', // 39 or go to 4c
    '0x3d8152', // 3d MSTORE(answer, RETURNDATASIZE)
    '0x610120019060440190', // 40 the next answer is 288 bytes on, the next question 68
    '0x600456', // 49 go to 04
    '0x5b5f5ffd', // 4c REVERT(0, 0)
  ]);
