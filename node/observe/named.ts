import { concatHex, type Hex, keccak256 } from 'viem';
import type { Decoded } from '../../protocol/decoded.ts';
import { type CoveredRules, type CoverageRefusal, rulesOfCoverage } from './coverage.ts';
import type { CoveredEvent, RulesTold } from './registry-logs.ts';

/** The rules that one event gave a coverage, in force or not. */
export type Named = Readonly<{
  coverageId: Hex;
  target: Hex;
  /** What the registry keeps of them. */
  rulesHash: Hex;
  /** What its manifest says of them, when that is they. */
  covered: Decoded<CoveredRules, CoverageRefusal>;
}>;

/** Every coverage that was made, with all the rules it was ever given there, the last first. */
export const namedIn = ({ covered, amended }: RulesTold): ReadonlyMap<Hex, readonly Named[]> =>
  new Map(
    covered.map((event) => [event.coverageId, [...amendmentsOf(event, amended), named(event)]]),
  );

/** The rules that events gave a coverage which was made before, the last first. */
export const amendmentsOf = (
  { coverageId, target }: Pick<Named, 'coverageId' | 'target'>,
  amended: RulesTold['amended'],
): readonly Named[] =>
  amended
    .filter((event) => event.coverageId === coverageId)
    .map((event) => named({ ...event, target }))
    .reverse();

const named = (event: CoveredEvent): Named => ({
  coverageId: event.coverageId,
  target: event.target,
  rulesHash: keccak256(concatHex(event.ruleIds)),
  covered: rulesOfCoverage(event),
});
