import { type Hex, slice } from 'viem';
import type { Rule } from './types.ts';

/** Who asks a sentinel for a sample: nobody. Gas price and value are zero. */
export const COLLECT_FROM: Hex = '0x000000000000000000000000000000000070c511';

/** Gas that `collect` gets, exactly. */
export const COLLECT_GAS = 2_000_000;

/** A longer sample is faulted. */
export const MAX_SAMPLE_BYTES = 2_048;

/** Samples that a rule looks at. */
export const samplesOf = ({ reference }: Rule): number =>
  reference.kind === 'lookback' ? reference.blocks + 1 : 1;

/** Where a sentinel is asked: at its contract or, when it has none, at the end of its code's hash. */
export const sentinelAddress = ({ code, codeHash }: Rule): Hex =>
  BigInt(code) === 0n ? slice(codeHash, 12) : code;
