import { type Hex, numberToHex } from 'viem';
import { faults } from '../../protocol/fault.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { codeOfFault } from './arming.ts';
import type { AskingEach } from './asking.ts';
import { readHeader } from './header.ts';
import type { Question } from './many-calls.ts';

const fault = faults<{ ANSWER_UNSETTLED: { code: string } }>();

/** What each view gets, and the questions of one call: 14 million gas, less than a transaction may have (EIP-7825). */
const TERMS = { gas: 500_000, room: 256 } as const;
const QUESTIONS = 24;

/** Why nobody knows what a view answers: providers do not agree, or one gave no answer. */
type Unsettled = Readonly<{ code: string }>;

/** Null for a view that failed, by the word of all providers. */
export type Answer = Hex | null | Unsettled;

/** Reads what detectors look at. */
export type Views = ReturnType<typeof createViews>;

/** View calls at a block, in one eth_call for as many as it holds; and blocks by height, for those who rebuild what they know. */
export function createViews(providers: Providers, askEach: AskingEach, chainId: bigint) {
  /** Providers are held to each answer alone: a contract can tell them apart, and must not silence what is asked beside it. */
  const askTogether = async (
    block: Block,
    questions: readonly Question[],
  ): Promise<readonly Answer[]> => {
    try {
      const [first, ...others] = await askEach(block, questions, TERMS);
      return questions.map((_, index) => {
        const answer = first?.[index]?.toLowerCase();
        const same = others.every((other) => other[index]?.toLowerCase() === answer);
        return same ? ((answer ?? null) as Hex | null) : { code: 'PROVIDERS_DISAGREE' };
      });
    } catch (error) {
      return questions.map(() => ({ code: codeOfFault(error) }));
    }
  };

  /** The answers in the order of the questions; what is asked twice travels once. */
  const read = async (block: Block, questions: readonly Question[]): Promise<readonly Answer[]> => {
    const once = [...new Map(questions.map((question) => [keyOf(question), question]))];
    const parts = Array.from({ length: Math.ceil(once.length / QUESTIONS) }, (_, index) =>
      once.slice(index * QUESTIONS, (index + 1) * QUESTIONS),
    );
    const answers = await Promise.all(
      parts.map((part) =>
        askTogether(
          block,
          part.map(([, question]) => question),
        ),
      ),
    );
    const byKey = new Map(answers.flat().map((answer, index) => [once[index]![0], answer]));
    return questions.map((question) => byKey.get(keyOf(question)) ?? null);
  };

  /** The same where one answer is worth nothing without the others. */
  const readAll = async (
    block: Block,
    questions: readonly Question[],
  ): Promise<readonly (Hex | null)[]> =>
    (await read(block, questions)).map((answer) => {
      if (isUnsettled(answer)) throw fault('ANSWER_UNSETTLED', { code: answer.code });
      return answer;
    });

  /** The block at a height as all providers have it now; null above their heads. Only parent hashes show that it is canonical. */
  const blockAt = (height: bigint): Promise<Block | null> =>
    providers.agreed('eth_getBlockByNumber', [numberToHex(height), false], (answer) =>
      answer === null ? null : readHeader(chainId, answer),
    );

  return { read, readAll, blockAt };
}

/** Whether nothing may be made of an answer. */
export const isUnsettled = (answer: Answer): answer is Unsettled =>
  typeof answer === 'object' && answer !== null;

const keyOf = ({ to, data }: Question) => `${to}${data}`;
