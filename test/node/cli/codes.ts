import { concatHex, type Hex, numberToHex, size } from 'viem';

/** `if (calldata is longer than a selector) rest else first`: collect and rung take no argument, shouldRespond and trip do. */
const either = (first: Hex, rest: Hex, offset = 0): Hex => {
  const to = numberToHex(offset + 7 + size(first), { size: 1 });
  return concatHex(['0x6004361160', to, '0x57', first, '0x5b', rest]);
};

/** Bytes of a target's code before what it does. */
const HEAD = 25;

const REVERT: Hex = '0x5f5ffd';
/** `return abi.encode(abi.encode(block.number))`. */
const COLLECT: Hex = '0x60205f5260206020524360405260605ff3';
/** `return (fires, "")`. */
const respond = (fires: boolean): Hex => `0x${fires ? '60015f52' : ''}604060205260605ff3`;

/** Sentinels as bytes, by what they do; those that judge collect the block's number. */
export const sentinels = {
  quiet: either(COLLECT, respond(false)),
  firing: either(COLLECT, respond(true)),
  /** Answers `collect` as another would, and so nothing that is a (bool, bytes). */
  confused: COLLECT,
  reverting: REVERT,
  looping: '0x5b5f56',
  empty: '0x5f5ff3',
  /** Returns 4,096 bytes. */
  wordy: either('0x60205f526110006020526110405ff3', respond(false)),
  /** `GAS` after a PUSH and a POP, at byte 3. */
  asksGas: '0x6001505a5f5260205ff3',
  asksOrigin: '0x325f5260205ff3',
  /** Judges without end. */
  endless: either(COLLECT, '0x5b601956'),
} as const satisfies Readonly<Record<string, Hex>>;

/** What a target does but name its hub and guardian. */
export const targets = {
  reverting: REVERT,
  idle: '0x00',
  /** Stops at rung 3 when it is told so in two words, and never comes back. */
  stuck: either('0x5f545f5260205ff3', '0x366044146003025f54175f5500', HEAD),
} as const satisfies Readonly<Record<string, Hex>>;

/** The code of a target of this hub and guardian. */
export function targetCode(hub: Hex, guardian: Hex, rest: Hex): Hex {
  const answer = (address: Hex) => concatHex(['0x5b73', address, '0x5f5260205ff3']);
  const [asked, twice] = [answer(hub), answer(guardian)];
  const [first, second] = [HEAD + size(rest), HEAD + size(rest) + size(asked)];
  const jump = (selector: Hex, to: number): Hex =>
    concatHex(['0x8063', selector, '0x1460', numberToHex(to, { size: 1 }), '0x57']);
  return concatHex([
    '0x5f3560e01c',
    jump('0x365a86fc', first),
    jump('0x452a9320', second),
    rest,
    asked,
    twice,
  ]);
}
