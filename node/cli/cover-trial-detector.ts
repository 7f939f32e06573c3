import type { Hex } from 'viem';
import type { NamedRule } from '../../protocol/named-rule.ts';
import { type Bound, detectors, type ListedDetector } from '../detect/detectors.ts';
import type { Reading, View } from '../detect/detectors/detector.ts';
import { fieldName, firstIssue, nearest } from '../lib/schema.ts';
import { refuseRule } from './cover-code.ts';
import { parameterFields } from './cover-detector-rows.ts';
import type { Head } from './cover-standing.ts';
import type { Trial } from './cover-trial.ts';
import type { Network } from './options.ts';

type Named = Extract<NamedRule, { kind: 'detector' }>;

/** Blocks that a plan folds at most: enough to see that every read works, few enough for any provider. */
const FOLDED = 16;

/** Binds a detector to its parameters, tries its reads, and judges the newest block by the few before it. */
export async function tryDetector(network: Network, head: Head, named: Named): Promise<Trial> {
  const bound = boundOf(named, head);
  const reads = bound.views
    .map(({ to, data }) => `${data.slice(0, 10)} of ${to}`)
    .join(', ')
    .concat(' at each block');
  const back = [Math.min(bound.lookback || FOLDED, FOLDED), Number(head.number)];
  const heights = Array.from(
    { length: Math.min(...back) },
    (_, index) => head.number - BigInt(Math.min(...back) - index),
  );
  const newest = await readingAt(network, named, head, bound.views);
  const earlier = await Promise.all(
    heights.map(async (number) => {
      const { timestamp } = await network.client.getBlock({ blockNumber: number });
      return readingAt(network, named, { number, timestamp }, bound.views, true);
    }),
  );
  const fold = earlier.reduce((state, reading) => state.next(reading), bound.start);
  const judgement = fold.judge(newest);
  const where = `at block ${head.number}, by ${heights.length} blocks before it`;
  switch (judgement) {
    case 'quiet':
      return { reads, says: `clear ${where}`, fires: false };
    case 'unknown':
      return { reads, says: `nothing can be said ${where}`, fires: null };
    default:
      return { reads, says: `FIRES ${where}, measure ${judgement.measure}`, fires: true };
  }
}

/** The detector with the rule's parameters; the rule must say of it what it says of itself. */
function boundOf(named: Named, head: Head): Bound {
  const { name, detector: id } = named;
  const detector = detectors.find((listed) => listed.id === id);
  if (detector === undefined) {
    const near = nearest(
      id,
      detectors.map((listed) => listed.id),
    );
    const fix = near === null ? `name one of ${detectors.map((one) => one.id).join(', ')}` : null;
    throw refuseRule(
      name,
      'detector',
      `${id} is not a detector of this release`,
      fix ?? `did you mean ${near}?`,
    );
  }
  checkParameters(named, detector);
  const bound = detector.bind(named.parameters);
  if (bound === null)
    throw refuseRule(name, 'parameters', `are not those of ${id}`, 'correct them');
  for (const [field, found, expected] of [
    ['class', named.class, detector.class],
    ['family', named.family, detector.family],
    ['lookback', named.lookback, bound.lookback],
  ] as const)
    if (found !== expected)
      throw refuseRule(
        name,
        field,
        `is ${found}, and ${expected} for ${id} with these parameters`,
        `write ${expected}`,
      );
  if (BigInt(named.startBlock) > head.number)
    throw refuseRule(
      name,
      'startBlock',
      `is ahead of block ${head.number}`,
      'name a block that is there, or 0',
    );
  return bound;
}

/** The first parameter that the detector does not take, with its unit. */
function checkParameters({ name, parameters }: Named, { parameters: schema }: ListedDetector) {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return;
  const fields = parameterFields(schema);
  const known = fields.map((field) => field.name);
  const helpOf = ([key]: readonly PropertyKey[]) => fields.find((one) => one.name === key)?.help;
  const { field, problem, fix } = firstIssue(parsed.error, parameters, known, helpOf);
  throw refuseRule(name, `parameters.${field}`, problem, fix, parsed.error);
}

/** What the detector reads at one block; a call that fails at the newest one is refused by the parameter that names it. */
async function readingAt(
  { client }: Network,
  { name, parameters }: Named,
  { number, timestamp }: Pick<Head, 'number' | 'timestamp'>,
  views: readonly View[],
  mayFail = false,
): Promise<Reading> {
  const answers = await Promise.all(
    views.map(
      ({ to, data }): Promise<Hex | null> =>
        client.call({ to, data, blockNumber: number }).then(
          (found) => found.data ?? null,
          () => null,
        ),
    ),
  );
  const silent = views.find((_, index) => answers[index] === null);
  if (silent === undefined || mayFail) return { height: number, timestamp, answers };
  const { to, data } = silent;
  const [key] = Object.entries(parameters).find(([, value]) => value === to) ?? ['parameters'];
  throw refuseRule(
    name,
    fieldName(key === 'parameters' ? [key] : ['parameters', key]),
    `${to} does not answer ${data.slice(0, 10)} at block ${number}`,
    'name the contract that has it',
  );
}
