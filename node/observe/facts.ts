import type { Hex } from 'viem';
import { anchorSlot } from '../../protocol/storage.ts';
import type { Slot } from '../../protocol/types.ts';
import type {
  Abstention,
  Block,
  ChainState,
  CoveredRule,
  Evaluation,
  Fact,
} from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { inOrder } from '../lib/rule-order.ts';
import type { Anchors } from '../store/anchors.ts';
import { abstention, codeOfFault, isBeforeArming } from './arming.ts';
import type { Blocks } from './blocks.ts';
import { provenSlots, provenValues } from './prove.ts';
import { createSlots } from './slots.ts';

/** Blocks whose values are kept, for rules that look back: more than any rule may. */
const KEPT = 128;
/** Values kept in all; the oldest blocks' go first. */
const VALUES = 131_072;
/** Slots read at one block; the rules that come after are left out of it. */
const SLOTS = 2_048;
const ZERO: Hex = `0x${'00'.repeat(32)}`;

/** Reads what rules look at. */
export type Facts = ReturnType<typeof createFacts>;

/** What facts are read with. */
export type FactsDeps = Readonly<{
  providers: Providers;
  registry: Hex;
  blocks: Pick<Blocks, 'ancestor' | 'byHash'>;
  anchors: Anchors;
}>;

/** Every value is pinned to a block hash; what cannot be read is an abstention with its code. */
export function createFacts({ providers, registry, blocks, anchors }: FactsDeps) {
  const kept = new Map<Hex, Map<string, Promise<Hex>>>();
  const read = createSlots(providers, registry);

  let count = 0;

  const dropOldest = () => {
    const [oldest] = kept;
    if (oldest === undefined) return;
    count -= oldest[1].size;
    kept.delete(oldest[0]);
  };

  const valuesOf = (block: Block): Map<string, Promise<Hex>> => {
    const known = kept.get(block.hash);
    if (known !== undefined) return known;
    const values = new Map<string, Promise<Hex>>();
    kept.set(block.hash, values);
    while (kept.size > 1 && (kept.size > KEPT || count > VALUES)) dropOldest();
    return values;
  };

  const valueAt = (block: Block, wanted: Slot): Promise<Hex> => {
    const values = valuesOf(block);
    const key = `${wanted.account}${wanted.slot}`;
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = read(block, wanted);
    values.set(key, value);
    count++;
    value.catch(() => {
      if (values.delete(key) && kept.get(block.hash) === values) count--;
    });
    return value;
  };

  const valuesAt = (block: Block, slots: readonly Slot[]): Promise<readonly Hex[]> =>
    Promise.all(slots.map((slot) => valueAt(block, slot)));

  /** Values at the anchor block: proven, and kept with their proof, on first sight, since providers forget old states. */
  const anchorValues = async ({
    ruleId,
    rule,
    anchor,
  }: CoveredRule): Promise<readonly Hex[] | null> => {
    if (anchor === null) return null;
    const kept = await anchors.get(ruleId, anchor);
    if (kept !== null) return kept;
    const proven = await provenSlots(providers.agreed, await blocks.byHash(anchor), rule.slots);
    await anchors.put(ruleId, anchor, proven);
    return proven.values;
  };

  /** Values at the rule's reference; null where there is none yet. */
  const beforeAt = async (covered: CoveredRule, block: Block): Promise<readonly Hex[] | null> => {
    const { reference, slots } = covered.rule;
    switch (reference.kind) {
      case 'none':
        return [];
      case 'anchor':
        return anchorValues(covered);
      case 'lookback': {
        const earlier = await blocks.ancestor(block, reference.blocks);
        return earlier === null ? null : valuesAt(earlier, slots);
      }
    }
  };

  const evaluation = async (
    covered: CoveredRule,
    block: Block,
    back: number,
  ): Promise<Evaluation | null> => {
    const where = await blocks.ancestor(block, back);
    if (where === null) return null;
    const [at, before] = await Promise.all([
      valuesAt(where, covered.rule.slots),
      beforeAt(covered, where),
    ]);
    return before === null ? null : { at, before };
  };

  const factOf = async (state: ChainState, covered: CoveredRule): Promise<Fact | Abstention> => {
    const { block, epoch } = state;
    const abstain = (code: string) => abstention(block, covered, code);
    const { hold } = covered.rule;
    if (isBeforeArming(block, covered)) return abstain('BEFORE_ARMING');
    try {
      const found = await Promise.all(
        (hold > 0 ? [0, hold] : [0]).map((back) => evaluation(covered, block, back)),
      );
      const evaluations = found.filter((item) => item !== null);
      if (evaluations.length < found.length) return abstain('REFERENCE_MISSING');
      return { block, epoch, covered, evaluations };
    } catch (error) {
      return abstain(codeOfFault(error));
    }
  };

  /** Rules of a block that are read, and those for which it holds too many slots. */
  const affordable = (rules: readonly CoveredRule[]) => {
    let slots = 0;
    return inOrder(rules).map((covered) => {
      slots += covered.rule.slots.length * (covered.rule.hold === 0 ? 1 : 2);
      return { covered, fits: slots <= SLOTS };
    });
  };

  /** One fact or one abstention a rule, those that matter most first. Requests of all rules travel together. */
  const readAll = async (
    state: ChainState,
  ): Promise<{ facts: readonly Fact[]; abstentions: readonly Abstention[] }> => {
    const found = await Promise.all(
      affordable(state.rules.filter(({ kind }) => kind === 'predicate')).map(({ covered, fits }) =>
        fits
          ? factOf(state, covered)
          : Promise.resolve(abstention(state.block, covered, 'OVERLOADED')),
      ),
    );
    return {
      facts: found.filter((item): item is Fact => 'evaluations' in item),
      abstentions: found.filter((item): item is Abstention => 'code' in item),
    };
  };

  const isProven = async (block: Block | null, slots: readonly Slot[], values: readonly Hex[]) =>
    block !== null && equal(await provenValues(providers, block, slots), values);

  /** Whether the registry itself, not only a provider's word, names this anchor. */
  const anchorHolds = (block: Block, { coverageId, ruleId, anchor }: CoveredRule) =>
    isProven(
      block,
      [{ account: registry, slot: anchorSlot(coverageId, ruleId) }],
      [anchor ?? ZERO],
    );

  /** Shows every value of a fact against the state root of its block; null when all hold. Values at an anchor were proven when stored. */
  const prove = async (fact: Fact): Promise<Abstention | null> => {
    const { block, covered, evaluations } = fact;
    const { reference, slots, hold } = covered.rule;
    const abstain = (code: string) => abstention(block, covered, code);
    try {
      const shown = await Promise.all(
        evaluations.flatMap(({ at, before }, index) => {
          const back = index === 0 ? 0 : hold;
          const proofAt = async (depth: number, values: readonly Hex[]) =>
            isProven(await blocks.ancestor(block, depth), slots, values);
          return reference.kind === 'lookback'
            ? [proofAt(back, at), proofAt(back + reference.blocks, before)]
            : [proofAt(back, at)];
        }),
      );
      const anchored = reference.kind !== 'anchor' || (await anchorHolds(block, covered));
      return anchored && shown.every(Boolean) ? null : abstain('PROOF_DIFFERS');
    } catch (error) {
      return abstain(codeOfFault(error));
    }
  };

  return { read: readAll, prove };
}

const equal = (a: readonly Hex[], b: readonly Hex[]) =>
  a.length === b.length && a.every((value, index) => value === b[index]);
