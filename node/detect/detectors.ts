import { type Hex, hexToString, numberToHex, stringToHex } from 'viem';
import type { z } from 'zod';
import { canonicalJson } from '../../protocol/canonical-json.ts';
import { type Decoded, accepted, refused } from '../../protocol/decoded.ts';
import { RULE_BOUNDS } from '../../protocol/named-rule.ts';
import type { Rule } from '../../protocol/types.ts';
import { reachOf } from '../../protocol/verdict.ts';
import type { Detector, Reading, View } from './detectors/detector.ts';
import { outflow } from './detectors/outflow.ts';
import { priceDeviation } from './detectors/price-deviation.ts';
import { sharePrice } from './detectors/share-price.ts';

/** What is said of a block; `values` are the claims of one that fires. */
export type Said = 'quiet' | 'unknown' | Readonly<{ measure: bigint; values: readonly Hex[] }>;

/** What a detector remembers of the blocks up to one; `judge` is asked about the next, `next` takes it in. */
export type Fold = Readonly<{
  judge: (reading: Reading) => Said;
  next: (reading: Reading) => Fold;
}>;

/** A detector with a rule's parameters; `lookback` is its memory as far as the registry lets a rule reach. */
export type Bound = Readonly<{
  memory: number;
  lookback: number;
  views: readonly View[];
  start: Fold;
}>;

/** What can be done with every detector, whatever it keeps. */
export type ListedDetector = Pick<
  Detector<unknown, unknown, unknown>,
  'name' | 'version' | 'class' | 'family'
> &
  Readonly<{
    /** `name@version`, as a rule names it. */
    id: string;
    parameters: z.ZodType;
    /** Null when the parameters are not its own. */
    bind: (parameters: unknown) => Bound | null;
  }>;

/** A measure is a word. */
const MAX_WORD = 2n ** 256n - 1n;

/** Why a rule's detector is not run. */
export type DetectorRefusal = 'DETECTOR_UNKNOWN' | 'DETECTOR_DIFFERS' | 'PARAMETERS_INVALID';

/** The detector of a rule, once the rule says of it what it says of itself. */
export function bindDetector(rule: Rule): Decoded<Bound, DetectorRefusal> {
  const detector = detectors.find(({ id }) => id === rule.detector);
  if (detector === undefined) return refused('DETECTOR_UNKNOWN');
  if (rule.class !== detector.class || rule.family !== detector.family)
    return refused('DETECTOR_DIFFERS');
  const bound = detector.bind(parametersOf(rule));
  if (bound === null) return refused('PARAMETERS_INVALID');
  return bound.lookback === reachOf(rule) ? accepted(bound) : refused('DETECTOR_DIFFERS');
}

const listed = <P, F, S>(detector: Detector<P, F, S>): ListedDetector => {
  const { name, version, class: ofClass, family, parameters } = detector;
  return {
    name,
    version,
    class: ofClass,
    family,
    id: `${name}@${version}`,
    parameters,
    bind: (given) => {
      const parsed = parameters.safeParse(given);
      if (!parsed.success) return null;
      const memory = detector.memory(parsed.data);
      return {
        memory,
        lookback: Math.min(memory, RULE_BOUNDS.reach),
        views: detector.reads(parsed.data),
        start: foldOf(detector, parsed.data, detector.start),
      };
    },
  };
};

/** A block whose answers make no sense is judged by nobody and leaves no trace. */
const foldOf = <P, F, S>(detector: Detector<P, F, S>, parameters: P, state: S): Fold => ({
  judge: (reading) => {
    const fact = detector.fact(reading, parameters);
    if (fact === null) return 'unknown';
    const judgement = detector.detect(state, fact, parameters);
    if (typeof judgement !== 'bigint') return judgement;
    const measure = judgement > MAX_WORD ? MAX_WORD : judgement;
    const words = [...detector.claims(fact), measure];
    return { measure, values: words.map((word) => numberToHex(word, { size: 32 })) };
  },
  next: (reading) => {
    const fact = detector.fact(reading, parameters);
    if (fact === null) return foldOf(detector, parameters, state);
    return foldOf(detector, parameters, detector.fold(state, fact, parameters));
  },
});

/** Every detector that this node has. */
export const detectors: readonly ListedDetector[] = [
  listed(outflow),
  listed(sharePrice),
  listed(priceDeviation),
];

/** Only the canonical text counts: two rules that differ in their bytes alone are two rules. */
function parametersOf({ params }: Rule): unknown {
  try {
    const value = JSON.parse(hexToString(params)) as unknown;
    return stringToHex(canonicalJson(value)) === params ? value : null;
  } catch {
    return null;
  }
}
