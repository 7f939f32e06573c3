import { type Hex, numberToHex } from 'viem';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import type { Asking } from './asking.ts';
import { readHeader } from './header.ts';
import type { Question } from './many-calls.ts';

/** What each view gets, and the questions of one call: 16 million gas, which every provider allows. */
const TERMS = { gas: 500_000, room: 256 } as const;
const QUESTIONS = 32;

/** Reads what detectors look at. */
export type Views = ReturnType<typeof createViews>;

/** View calls at a block, in one eth_call for as many as it holds; and blocks by height, for those who rebuild what they know. */
export function createViews(providers: Providers, ask: Asking, chainId: bigint) {
  /** The answers in the order of the questions; what is asked twice travels once. */
  const read = async (
    block: Block,
    questions: readonly Question[],
  ): Promise<readonly (Hex | null)[]> => {
    const once = [...new Map(questions.map((question) => [keyOf(question), question]))];
    const parts = Array.from({ length: Math.ceil(once.length / QUESTIONS) }, (_, index) =>
      once.slice(index * QUESTIONS, (index + 1) * QUESTIONS),
    );
    const answers = await Promise.all(
      parts.map((part) =>
        ask(
          block,
          part.map(([, question]) => question),
          TERMS,
        ),
      ),
    );
    const byKey = new Map(answers.flat().map((answer, index) => [once[index]![0], answer]));
    return questions.map((question) => byKey.get(keyOf(question)) ?? null);
  };

  /** The block at a height as all providers have it now; null above their heads. Only parent hashes show that it is canonical. */
  const blockAt = (height: bigint): Promise<Block | null> =>
    providers.agreed('eth_getBlockByNumber', [numberToHex(height), false], (answer) =>
      answer === null ? null : readHeader(chainId, answer),
    );

  return { read, blockAt };
}

const keyOf = ({ to, data }: Question) => `${to}${data}`;
