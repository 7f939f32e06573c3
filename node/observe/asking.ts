import { type Hex, numberToHex } from 'viem';
import { COLLECT_FROM } from '../../protocol/sentinel.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { manyAnswers, manyCalls, type Question, type Terms } from './many-calls.ts';

type Ask<T> = (
  block: Block,
  questions: readonly Question[],
  terms: Terms,
  /** Code that stands in for what is at an address, with no balance. */
  codes?: Readonly<Record<Hex, Hex>>,
) => Promise<T>;
type Answers = readonly (Hex | null)[];

/** Puts questions to contracts as they are at a block; null for one that failed, by the word of all providers. */
export type Asking = Ask<Answers>;

/** What each provider says for itself. */
export type AskingEach = Ask<readonly Answers[]>;

const ZERO = numberToHex(0);

/** One eth_call by nobody, for nothing: a contract that fails is an answer, and only a provider that fails is a fault. */
export function createAsking({ agreed, each }: Providers): { ask: Asking; askEach: AskingEach } {
  const asking =
    <T>(request: (...given: Parameters<typeof agreed<Answers>>) => Promise<T>): Ask<T> =>
    (block, questions, terms, codes) => {
      const data = manyCalls(questions, terms);
      const call = { from: COLLECT_FROM, gasPrice: ZERO, value: ZERO, data };
      const overrides = Object.fromEntries(
        Object.entries(codes ?? {}).map(([address, code]) => [address, { code, balance: ZERO }]),
      );
      const given = codes === undefined ? [] : [overrides];
      return request('eth_call', [call, { blockHash: block.hash }, ...given], (answer) =>
        manyAnswers(answer, questions.length, terms),
      );
    };
  return { ask: asking(agreed), askEach: asking(each) };
}
