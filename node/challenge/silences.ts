import type { Hex } from 'viem';
import { certificateFromEvm, signersOf } from '../../protocol/certificate.ts';
import { falseSilenceEvidence } from '../../protocol/evidence.ts';
import { isRollCall, type Leaf, type State, STATES } from '../../protocol/roll-call.ts';
import type { Certificate, Domain, Rule, Verdict } from '../../protocol/types.ts';
import { faults } from '../../protocol/fault.ts';
import { verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import { keepNewest } from '../lib/keep-newest.ts';
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
  /** Whether who signed that a rule is in a state on values can have seen it. */
  mayBe(state: State, rule: Rule, evaluations: readonly Evaluation[]): Promise<boolean>;
  /** Seats of an epoch's roster, zero where there was none. */
  seatCountOf(epoch: bigint): Promise<number>;
  log: Log;
}>;

/**
 * A signed roll call by what tells of it; only a booking says what hashes to the claims root. Of its leaves those that
 * judges have refused wait for the next round.
 */
type Told = Readonly<{
  name: string;
  verdict: Verdict;
  refused: readonly number[];
  rounds: number;
}> &
  (
    | Readonly<{ kind: 'booking'; booking: Booking }>
    | Readonly<{ kind: 'certificate'; certificate: Certificate }>
  );
/** One roll call, and a leaf of it that is not so. */
type Lie = Readonly<{ told: Told; place: number; offence: Offence }>;

/** Roll calls that wait to be looked at, and leaves that are known: the oldest give way. */
const KEPT = 1_024;
/** Lies kept, of up to 240 kB each. */
const LIES = 256;
/** Roll calls looked at after each block; a look is a proof a rule. */
const AT_ONCE = 8;
/** A provider keeps states for so many blocks at least: what could not be read by then is left to others. */
const PATIENCE = 64n;
/** Times that the leaves of a lie are gone through while a judge refuses every one. */
const MOST_ROUNDS = 3;

const fault = faults<{
  CERTIFICATE_UNREADABLE: { epoch: bigint; seatCount: number; code: string };
}>();

/** Roll calls that others have signed and this node has not, against what it proves of each rule for itself. */
export function createSilences(deps: SilencesDeps) {
  const { domain, formerRuleOf, truth, mayBe, seatCountOf, log } = deps;
  const own = new Set<Hex>();
  const seen = new Set<string>();
  const known = new Map<Hex, readonly Leaf[]>();
  let waiting: readonly Told[] = [];
  let lies: readonly Lie[] = [];
  let found = 0;

  const digestOf = ({ verdict }: Told): Hex => verdictDigest(domain, verdict);

  /** A booked one has been verified: where it cannot be read, the provider lags. */
  const certificateOf = async (told: Told): Promise<Certificate> => {
    if (told.kind === 'certificate') return told.certificate;
    const { verdict, certificate } = told.booking;
    const { epoch } = verdict;
    const seatCount = await seatCountOf(epoch);
    const read = certificateFromEvm(verdict, certificate, seatCount);
    if (read.ok) return read.value;
    throw fault('CERTIFICATE_UNREADABLE', { epoch, seatCount, code: read.code });
  };

  /** What shows that a leaf is not so; null where it may be, or is of a class that nothing is shown of. */
  const offenceOf = async (
    { verdict }: Told,
    certificate: Certificate,
    leaves: readonly Leaf[],
    place: number,
  ): Promise<Offence | null> => {
    const { ruleId, state } = leaves[place]!;
    const covered = provableOf(verdict, ruleId);
    if (covered === null) return null;
    const shows = await truth(covered, { ...verdict, ruleId });
    if (shows === null || (await mayBe(stateOf(state), covered.rule, shows.evaluations)))
      return null;
    const shown = [certificate, leaves, place, covered.rule, shows.proof] as const;
    return {
      judge: 'false-silence',
      epoch: verdict.epoch,
      seats: signersOf(certificate),
      landed: null,
      evidence: falseSilenceEvidence(domain.registry, ...shown),
    };
  };

  const provableOf = ({ coverageId }: Verdict, ruleId: Hex): CoveredRule | null => {
    const covered = formerRuleOf(coverageId, ruleId);
    return covered?.rule.class === 'A' ? covered : null;
  };

  const look = async (told: Told, leaves: readonly Leaf[], head: bigint): Promise<void> => {
    const { height } = told.verdict;
    const missed = (error: unknown): null => {
      log.debug('roll call not looked at', { height, code: reasonOf(error) });
      if (height + PATIENCE > head) wait(told);
      return null;
    };
    const certificate = await certificateOf(told).catch(missed);
    if (certificate === null) return;
    for (const place of leaves.keys()) {
      if (told.refused.includes(place)) continue;
      // One leaf that cannot be read hides no other.
      const offence = await offenceOf(told, certificate, leaves, place).catch(missed);
      if (offence !== null) return keep({ told, place, offence });
    }
    // The owner may have armed a rule again since.
    if (told.refused.length > 0 && told.rounds < MOST_ROUNDS)
      wait({ ...told, refused: [], rounds: told.rounds + 1 });
  };

  const keep = (lie: Lie): void => {
    const { told, offence } = lie;
    const isOther = ({ name }: Told) => name !== told.name;
    waiting = waiting.filter(isOther);
    lies = [...lies.filter((other) => isOther(other.told)), lie].slice(-LIES);
    found++;
    const { height } = told.verdict;
    log.warn('lie seen', { judge: offence.judge, digest: digestOf(told), height, landed: false });
  };

  /** Bookings have their own room: certificates cost their signers nothing, and may be as many as they like. */
  const wait = (told: Told): void => {
    const all = [...waiting.filter(({ name }) => name !== told.name), told];
    const isBooked = ({ kind }: Told) => kind === 'booking';
    const certificates = all.filter((each) => !isBooked(each));
    waiting = [...all.filter(isBooked).slice(-KEPT), ...certificates.slice(-KEPT)];
  };

  const note = (told: Told): void => {
    if (own.has(digestOf(told)) || seen.has(told.name)) return;
    seen.add(told.name);
    keepNewest(seen, 4 * KEPT);
    wait(told);
  };

  return {
    /** Takes note of a roll call that was booked. */
    noteBooking: (booking: Booking): void => {
      const { verdict, certificate, leaves } = booking;
      const told = { kind: 'booking', verdict, booking, refused: [], rounds: 1 } as const;
      const digest = verdictDigest(domain, verdict);
      known.set(digest, leaves);
      keepNewest(known, KEPT);
      const words = [certificate.listsSigners, ...certificate.seats].join();
      if (leaves.some(({ ruleId }) => provableOf(verdict, ruleId) !== null))
        note({ ...told, name: `${told.kind} ${digest} ${words}` });
    },

    /** Takes note of a certificate, where it is of a roll call; it is looked at once that is booked. */
    noteCertificate: (certificate: Certificate): void => {
      const { verdict } = certificate;
      if (!isRollCall(verdict)) return;
      const told = { kind: 'certificate', verdict, certificate, refused: [], rounds: 1 } as const;
      const words = signersOf(certificate).join();
      note({ ...told, name: `${told.kind} ${verdictDigest(domain, verdict)} ${words}` });
    },

    /** A roll call that this node has signed itself needs no second look. */
    trust: (digest: Hex): void => {
      own.add(digest);
      keepNewest(own, KEPT);
    },

    /** Looks at what is about blocks that have followers: what may yet be signed by this node itself is left alone. */
    advance: async (head: bigint): Promise<void> => {
      const leavesOf = (told: Told) => known.get(digestOf(told));
      waiting = waiting.filter(
        (told) =>
          !own.has(digestOf(told)) &&
          (leavesOf(told) !== undefined || told.verdict.height + PATIENCE > head),
      );
      const due = waiting
        .filter((told) => told.verdict.height < head && leavesOf(told) !== undefined)
        .slice(0, AT_ONCE);
      waiting = waiting.filter((told) => !due.includes(told));
      await Promise.all(due.map((told) => look(told, leavesOf(told)!, head)));
    },

    /** It stays until the next leaf that is not so is found, and after the last the first. */
    refuse: ({ evidence }: Offence): void => {
      const lie = lies.find(({ offence }) => offence.evidence === evidence);
      if (lie === undefined) return;
      const { told, place } = lie;
      wait({ ...told, refused: [...told.refused, place] });
    },

    /** Changes whenever there is more to show. */
    size: () => found,
    all: (): Promise<readonly Offence[]> => Promise.resolve(lies.map(({ offence }) => offence)),
  };
}

const stateOf = (value: number): State =>
  value === STATES.firing ? 'firing' : value === STATES.clear ? 'clear' : 'faulted';
