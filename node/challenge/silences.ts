import type { Hex } from 'viem';
import { certificateFromEvm, signersOf } from '../../protocol/certificate.ts';
import { falseSilenceEvidence } from '../../protocol/evidence.ts';
import { isRollCall, type Leaf, type State, STATES } from '../../protocol/roll-call.ts';
import type { Certificate, Domain, Rule, Verdict } from '../../protocol/types.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import type { Booking, CoveredRule, Evaluation, Offence, TrueClaims } from '../lib/pipeline.ts';

/** What holds others' roll calls against the chain. */
export type Silences = ReturnType<typeof createSilences>;

/** What it works with. `truth` is null where nothing can be said of a rule at a verdict's block. */
export type SilencesDeps = Readonly<{
  domain: Domain;
  /** As the chain had it last: who drops a rule does not excuse a lie. */
  formerRuleOf(coverageId: Hex, ruleId: Hex): CoveredRule | null;
  truth(covered: CoveredRule, verdict: Verdict): Promise<TrueClaims | null>;
  /** What the rule says of values. */
  stateOf(rule: Rule, evaluations: readonly Evaluation[]): Promise<State>;
  /** Seats of an epoch's roster, zero where there was none. */
  seatCountOf(epoch: bigint): Promise<number>;
  log: Log;
}>;

/** Signed roll calls by what tells of them; only a booking says what hashes to the claims root. */
type Told = Readonly<{ verdict: Verdict; refusals: number }> &
  (
    | Readonly<{ kind: 'booking'; booking: Booking }>
    | Readonly<{ kind: 'certificate'; certificate: Certificate }>
  );
type Lie = Readonly<{ told: Told; offence: Offence }>;

/** Roll calls that wait to be looked at, lies that are kept, and leaves that are known: the oldest give way. */
const KEPT = 1_024;
/** Roll calls looked at after each block; a look is a proof a rule. */
const AT_ONCE = 4;
/** A provider keeps states for so many blocks at least: what could not be read by then is left to others. */
const PATIENCE = 64n;
/** Times that what a judge refused is proven anew. */
const MOST_REFUSALS = 3;

/** Roll calls that others have signed and this node has not, against what it proves of each rule for itself. */
export function createSilences(deps: SilencesDeps) {
  const { domain, formerRuleOf, truth, stateOf, seatCountOf, log } = deps;
  const own = new Set<Hex>();
  const seen = new Set<string>();
  const known = new Map<Hex, readonly Leaf[]>();
  let waiting: readonly Told[] = [];
  let lies: readonly Lie[] = [];
  let found = 0;

  const certificateOf = async (told: Told): Promise<Certificate | null> => {
    if (told.kind === 'certificate') return told.certificate;
    const { verdict, certificate } = told.booking;
    const read = certificateFromEvm(verdict, certificate, await seatCountOf(verdict.epoch));
    return read.ok ? read.value : null;
  };

  /** The first leaf that is not so. That a rule has faulted is for the court to weigh. */
  const offenceOf = async (told: Told, leaves: readonly Leaf[]): Promise<Offence | null> => {
    const { verdict } = told;
    const certificate = await certificateOf(told);
    if (certificate === null) return null;
    for (const [place, { ruleId, state }] of leaves.entries()) {
      const covered = formerRuleOf(verdict.coverageId, ruleId);
      if (covered?.rule.class !== 'A') continue;
      const shows = await truth(covered, { ...verdict, ruleId });
      if (shows === null) return null;
      const { evaluations, proof } = shows;
      if (STATES[await stateOf(covered.rule, evaluations)] === state) continue;
      const shown = [certificate, leaves, place, covered.rule, proof] as const;
      return {
        judge: 'false-silence',
        epoch: verdict.epoch,
        seats: signersOf(certificate),
        landed: null,
        evidence: falseSilenceEvidence(domain.registry, ...shown),
      };
    }
    return null;
  };

  const look = async (told: Told, head: bigint): Promise<void> => {
    const { height } = told.verdict;
    const digest = verdictDigest(domain, told.verdict);
    const again = () => {
      if (height + PATIENCE > head) waiting = [...waiting, told];
    };
    const leaves = known.get(digest);
    if (leaves === undefined) return again();
    try {
      const offence = await offenceOf(told, leaves);
      if (offence === null) return;
      lies = [...lies, { told, offence }].slice(-KEPT);
      found++;
      log.warn('lie seen', { judge: offence.judge, digest, height, landed: false });
    } catch (error) {
      again();
      log.debug('roll call not looked at', { height, code: reasonOf(error) });
    }
  };

  const note = (told: Told, whose: string): void => {
    const digest = verdictDigest(domain, told.verdict);
    const name = `${told.kind} ${digest} ${whose}`;
    if (told.kind === 'booking') known.set(digest, told.booking.leaves);
    if (known.size > KEPT) known.delete([...known.keys()][0]!);
    if (own.has(digest) || seen.has(name)) return;
    seen.add(name);
    if (seen.size > KEPT) seen.delete([...seen][0]!);
    waiting = [...waiting, told].slice(-KEPT);
  };

  return {
    /** Takes note of a roll call that was booked. */
    noteBooking: (booking: Booking): void =>
      note(
        { kind: 'booking', verdict: booking.verdict, booking, refusals: 0 },
        booking.certificate.seats.join(),
      ),

    /** Takes note of a certificate, where it is of a roll call; it is looked at once that is booked. */
    noteCertificate: (certificate: Certificate): void => {
      if (isRollCall(certificate.verdict))
        note(
          { kind: 'certificate', verdict: certificate.verdict, certificate, refusals: 0 },
          signersOf(certificate).join(),
        );
    },

    /** A roll call that this node has signed itself needs no second look. */
    trust: (digest: Hex): void => {
      own.add(digest);
      if (own.size > KEPT) own.delete([...own][0]!);
    },

    /** Looks at what is about blocks that have followers: what may yet be signed by this node itself is left alone. */
    advance: async (head: bigint): Promise<void> => {
      const open = waiting.filter(
        ({ verdict }) => verdict.height < head && !own.has(verdictDigest(domain, verdict)),
      );
      const due = open.slice(0, AT_ONCE);
      waiting = waiting.filter((told) => !due.includes(told));
      await Promise.all(due.map((told) => look(told, head)));
    },

    /** What no judge takes is proven anew: the owner may have armed the rule again since. */
    refuse: ({ evidence }: Offence): void => {
      const lie = lies.find(({ offence }) => offence.evidence === evidence);
      if (lie === undefined) return;
      lies = lies.filter((other) => other !== lie);
      const { told } = lie;
      if (told.refusals < MOST_REFUSALS)
        waiting = [...waiting, { ...told, refusals: told.refusals + 1 }];
    },

    /** Changes whenever there is more to show. */
    size: () => found,
    all: (): Promise<readonly Offence[]> => Promise.resolve(lies.map(({ offence }) => offence)),
  };
}
