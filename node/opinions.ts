import type { Hex } from 'viem';
import type { Asked, Folds } from './detect/folds.ts';
import type { Sentinels } from './detect/sentinels.ts';
import { createBackground } from './lib/background.ts';
import { createLock } from './lib/lock.ts';
import type { Abstention, Block, ChainState, Finding, SampledFact } from './lib/pipeline.ts';
import { inOrder } from './lib/rule-order.ts';
import { abstention, isBeforeArming } from './observe/arming.ts';
import type { Observer } from './observe/observer.ts';
import { isUnsettled } from './observe/views.ts';

/** Longest that the rules of one block are judged, in milliseconds. */
const JUDGE_MS = 400;
/** A sentinel that once took longer, in milliseconds, is judged after the others; each run forgives it a hundredth. */
const SLOW_MS = 25;
const FORGIVEN = 0.99;
/** View calls of a block, of one coverage and in all; rules that come after are left out of it. */
const VIEWS = { perCoverage: 32, inAll: 256 } as const;

/** Blocks that are listened to at once: rules are left out of one that comes while a provider is that slow. */
const BLOCKS = { perOwner: 8, inAll: 8 } as const;

/** What opinions stand on. */
export type OpinionsDeps = Readonly<{
  observer: Pick<Observer, 'samples' | 'views'>;
  sentinels: Sentinels;
  folds: Folds;
}>;

/** What class B and C rules say of a block. */
export type Opinions = ReturnType<typeof createOpinions>;

type Said = Finding | Abstention | null;

/**
 * From a block to what sentinels and detectors say of it. Blocks are taken one after the other, apart from those of class
 * A: what rests on proof waits for no opinion.
 */
export function createOpinions({ observer, sentinels, folds }: OpinionsDeps) {
  const listening = createBackground(BLOCKS);
  const lock = createLock();

  /** Milliseconds by code: gas does not say how long a precompile takes here. */
  let costs: ReadonlyMap<Hex, number> = new Map();

  const ofSentinels = async (state: ChainState): Promise<readonly Said[]> => {
    const { facts, abstentions } = await observer.samples(state);
    const costOf = ({ covered }: SampledFact) => costs.get(covered.rule.codeHash) ?? 0;
    const isSlow = (fact: SampledFact) => Number(costOf(fact) > SLOW_MS);
    const found = new Map(facts.map((fact) => [fact.covered.rule.codeHash, costOf(fact)]));
    const until = Date.now() + JUDGE_MS;
    const said: Said[] = [...abstentions];
    for (const fact of facts.toSorted((a, b) => isSlow(a) - isSlow(b))) {
      const begun = Date.now();
      if (begun >= until) {
        said.push(abstention(state.block, fact.covered, 'OVERLOADED'));
        continue;
      }
      said.push(await sentinels.detect(fact));
      const { codeHash } = fact.covered.rule;
      found.set(codeHash, Math.max(Date.now() - begun, (found.get(codeHash) ?? 0) * FORGIVEN));
    }
    costs = found;
    return said;
  };

  const ofDetectors = async (state: ChainState): Promise<readonly Said[]> => {
    const { block } = state;
    const rules = inOrder(state.rules.filter(({ kind }) => kind === 'detector'));
    const asked = affordable(
      block,
      rules.map((covered) => folds.ask(block, covered)),
    );
    const abstentions = asked.filter((item) => 'coverageId' in item);
    const open = asked.filter((item) => 'views' in item);
    const answers = await observer.views(
      block,
      open.flatMap(({ views }) => views),
    );
    let next = 0;
    const said = open.map(({ covered, views }): Said => {
      const given = answers.slice(next, (next += views.length));
      const unsettled = given.find(isUnsettled);
      if (unsettled !== undefined) return abstention(block, covered, unsettled.code);
      const settled = given.filter((answer): answer is Hex | null => !isUnsettled(answer));
      const found = folds.judge(state, covered, settled);
      // The fold goes on all the same.
      return isBeforeArming(block, covered) ? abstention(block, covered, 'BEFORE_ARMING') : found;
    });
    return [...abstentions, ...said];
  };

  const at = async (state: ChainState): Promise<readonly (Finding | Abstention)[]> => {
    const said = await Promise.all([ofSentinels(state), ofDetectors(state)]);
    return said.flat().filter((item) => item !== null);
  };

  /**
   * Tells what is said of a block, and why nothing is said by the others, while the next blocks come. Resolves to all of
   * it: what is not in there is clear. Null where nobody knows.
   */
  const begin = (
    state: ChainState,
    tell: (said: Finding | Abstention) => void,
  ): Promise<readonly (Finding | Abstention)[] | null> => {
    const rules = state.rules.filter(({ kind }) => kind !== 'predicate');
    if (rules.length === 0) return Promise.resolve([]);
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof at>> | null>();
    const say = (all: readonly (Finding | Abstention)[]) => {
      for (const said of all) tell(said);
      resolve(all);
    };
    const begun = listening.begin('opinions', async () => {
      try {
        say(await lock(() => at(state)));
        await folds.advance(state);
      } finally {
        resolve(null);
      }
    });
    if (!begun) say(rules.map((covered) => abstention(state.block, covered, 'OVERLOADED')));
    return promise;
  };

  return { begin, check: listening.check, settled: listening.settled };
}

/** Of what rules ask for, as much as a block may cost. */
function affordable(
  block: Block,
  asked: readonly (Asked | Abstention)[],
): readonly (Asked | Abstention)[] {
  const counts = new Map<Hex, number>();
  let all = 0;
  return asked.map((item) => {
    if ('code' in item) return item;
    const { coverageId } = item.covered;
    const count = (counts.get(coverageId) ?? 0) + item.views.length;
    const fits = count <= VIEWS.perCoverage && all + item.views.length <= VIEWS.inAll;
    if (!fits) return abstention(block, item.covered, 'OVERLOADED');
    all += item.views.length;
    counts.set(coverageId, count);
    return item;
  });
}
