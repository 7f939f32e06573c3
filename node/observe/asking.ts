import { type Hex, numberToHex } from 'viem';
import { COLLECT_FROM } from '../../protocol/sentinel.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { manyAnswers, manyCalls, type Question, type Terms } from './many-calls.ts';

/** Puts questions to contracts as they are at a block; null for one that failed, by the word of all providers. */
export type Asking = (
  block: Block,
  questions: readonly Question[],
  terms: Terms,
  /** Code that stands in for what is at an address. */
  codes?: Readonly<Record<Hex, Hex>>,
) => Promise<readonly (Hex | null)[]>;

const ZERO = numberToHex(0);

/** In one eth_call by nobody, for nothing: a contract that fails is an answer, and only a provider that fails is a fault. */
export const createAsking =
  (providers: Providers): Asking =>
  (block, questions, terms, codes) => {
    const data = manyCalls(questions, terms);
    const call = { from: COLLECT_FROM, gasPrice: ZERO, value: ZERO, data };
    const overrides = Object.fromEntries(
      Object.entries(codes ?? {}).map(([address, code]) => [address, { code }]),
    );
    const given = codes === undefined ? [] : [overrides];
    return providers.agreed('eth_call', [call, { blockHash: block.hash }, ...given], (answer) =>
      manyAnswers(answer, questions.length, terms),
    );
  };
