import type { Hex } from 'viem';
import { falseClaimEvidence, nonSequiturEvidence, type Vouched } from '../../protocol/evidence.ts';
import { signersOf, seatsOfWords } from '../../protocol/certificate.ts';
import { MAX_SEATS } from '../../protocol/quorum.ts';
import type { State } from '../../protocol/roll-call.ts';
import type { Certificate, Domain, Rule, Verdict } from '../../protocol/types.ts';
import { claimsRoot, verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Landings } from '../lib/landings.ts';
import type { Log } from '../lib/log.ts';
import type { CoveredRule, Evaluation, Offence, TrueClaims } from '../lib/pipeline.ts';

/** What holds others' claims against the chain. */
export type Claims = ReturnType<typeof createClaims>;

/** What it works with. `truth` is null where nothing can be said of a verdict. */
export type ClaimsDeps = Readonly<{
  domain: Domain;
  /** As the chain had it last: who retires a coverage, or drops a rule, does not excuse a lie. */
  formerRuleOf(coverageId: Hex, ruleId: Hex): CoveredRule | null;
  truth(covered: CoveredRule, verdict: Verdict): Promise<TrueClaims | null>;
  /** Whether who signed that a rule is in a state on values can have seen it. */
  mayBe(state: State, rule: Rule, evaluations: readonly Evaluation[]): Promise<boolean>;
  landings: Landings;
  log: Log;
}>;

/** Whose word a verdict is: a certificate's, or that of those who tripped a coverage with it at a height. */
export type Said =
  | Readonly<{ kind: 'certificate'; certificate: Certificate }>
  | Readonly<{ kind: 'incident'; verdict: Verdict; height: bigint }>;

/** A coverage whose running hash is to be booked before a lie about it can be shown. */
export type Unbooked = Readonly<{
  kind: 'unbooked';
  coverageId: Hex;
  epoch: bigint;
  seats: readonly number[];
}>;

type Lie = Readonly<{
  look: Look;
  digest: Hex;
  verdict: Verdict;
  judge: 'false-claim' | 'non-sequitur';
  found: TrueClaims;
}>;

/** What is to be looked at, the rule as it was when it was noted, and how often a judge has refused what was found. */
type Look = Readonly<{ said: Said; covered: CoveredRule; refusals: number }>;

/** Verdicts that wait to be looked at, and lies that are kept: the oldest give way. */
const KEPT = 1_024;
/** Verdicts looked at after each block; a look is a few proofs. */
const AT_ONCE = 8;
/** A provider keeps states for so many blocks at least: what could not be read by then is left to others. */
const PATIENCE = 64n;
/** Judges know the hashes of so many blocks: what is older cannot be shown. */
const SHOWABLE = 8_191n;
/** Times that what a judge refused is proven anew. */
const MOST_REFUSALS = 3;

/**
 * Verdicts of class A that others have signed and this node has not, against what it proves for itself. Nothing is
 * stored: after a restart stored certificates, and what has tripped lately, are looked at again.
 */
export function createClaims({ domain, formerRuleOf, truth, mayBe, landings, log }: ClaimsDeps) {
  const own = new Set<Hex>();
  const seen = new Set<string>();
  let waiting: readonly Look[] = [];
  let lies: readonly Lie[] = [];
  let found = 0;
  /** What a lie comes to, once it can be shown: the states that a landed one was found in may be gone by and by. */
  const shown = new WeakMap<Lie, Offence>();

  const verdictOf = (said: Said): Verdict =>
    said.kind === 'incident' ? said.verdict : said.certificate.verdict;

  /** What has tripped goes first and stays: certificates cost their signers nothing, and may be as many as they like. */
  const wait = (look: Look): void => {
    const isLanded = ({ said }: Look) => said.kind === 'incident';
    const all = [...waiting, look];
    const certificates = all.filter((each) => !isLanded(each));
    waiting = [...all.filter(isLanded).slice(-KEPT), ...certificates.slice(-KEPT)];
  };

  /** Null when there is nothing to say against it, and an error where that could not be read yet. */
  const lieOf = async (look: Look): Promise<Lie | null> => {
    const { said, covered } = look;
    const verdict = verdictOf(said);
    const found = await truth(covered, verdict);
    if (found === null) return null;
    const lie = { look, digest: verdictDigest(domain, verdict), verdict, found };
    if (claimsRoot(found.values) !== verdict.claimsRoot) return { ...lie, judge: 'false-claim' };
    const follows = await mayBe('firing', covered.rule, found.evaluations);
    return follows ? null : { ...lie, judge: 'non-sequitur' };
  };

  const examine = async (look: Look, head: bigint): Promise<void> => {
    const verdict = verdictOf(look.said);
    try {
      const lie = await lieOf(look);
      if (lie === null) return;
      lies = [...lies.filter((known) => known.look.said !== look.said), lie].slice(-KEPT);
      found++;
      log.warn('lie seen', {
        judge: lie.judge,
        digest: lie.digest,
        height: verdict.height,
        landed: look.said.kind === 'incident',
      });
    } catch (error) {
      if (verdict.height + PATIENCE > head) wait(look);
      log.debug('claims not looked at', { height: verdict.height, code: reasonOf(error) });
    }
  };

  const offenceOf = async (lie: Lie): Promise<Offence | Unbooked | null> => {
    const { digest, verdict, judge, found } = lie;
    const { said, covered } = lie.look;
    const show = (vouched: Vouched): Hex =>
      judge === 'false-claim'
        ? falseClaimEvidence(domain.registry, vouched, covered.rule, found.proof)
        : nonSequiturEvidence(domain.registry, vouched, covered.rule, found.values);
    const { epoch, coverageId } = verdict;
    const keep = (offence: Offence): Offence => {
      shown.set(lie, offence);
      return offence;
    };
    if (said.kind === 'certificate') {
      const seats = signersOf(said.certificate);
      return keep({ judge, epoch, seats, landed: null, evidence: show(said) });
    }
    const landing = await landings.find(coverageId, digest, said.height);
    if (landing === null) return null;
    const { record, landed } = landing;
    const { signers, rung, trippedAt, end } = record;
    const seats = seatsOfWords(signers, MAX_SEATS);
    if (landed === null) return { kind: 'unbooked', coverageId, epoch, seats };
    return keep({
      judge,
      epoch,
      seats,
      landed: { coverageId, rung, trippedAt, end },
      evidence: show({ kind: 'incident', verdict, landed }),
    });
  };

  /** One that cannot be read keeps no other from being shown. */
  const toShow = async (lie: Lie): Promise<Offence | Unbooked | null> =>
    shown.get(lie) ??
    offenceOf(lie).catch((error: unknown) => {
      log.debug('incident not found', { digest: lie.digest, code: reasonOf(error) });
      return null;
    });

  const note = (said: Said): void => {
    const digest = verdictDigest(domain, verdictOf(said));
    // A reorg may have moved what has tripped.
    const which = said.kind === 'incident' ? said.height : signersOf(said.certificate).join();
    const name = `${said.kind} ${digest} ${which}`;
    const covered = formerRuleOf(verdictOf(said).coverageId, verdictOf(said).ruleId);
    if (covered?.rule.class !== 'A' || own.has(digest) || seen.has(name)) return;
    seen.add(name);
    if (seen.size > KEPT) seen.delete([...seen][0]!);
    wait({ said, covered, refusals: 0 });
  };

  return {
    note,

    /** Notes what has tripped: an earlier run may not have looked at it, and some providers keep all states. */
    lookBack: async (head: bigint): Promise<void> => {
      const from = head > SHOWABLE ? head - SHOWABLE : 0n;
      // A trip by proof is nobody's word.
      for (const { verdict, signed, height } of await landings.since(from))
        if (signed > 0n) note({ kind: 'incident', verdict, height });
    },

    /** A verdict that this node has signed itself needs no second look. */
    trust: (digest: Hex): void => {
      own.add(digest);
      if (own.size > KEPT) own.delete([...own][0]!);
    },

    /** Looks at what is about blocks that have followers: what may yet be signed by this node itself is left alone. */
    advance: async (head: bigint): Promise<void> => {
      const due = waiting.filter(({ said }) => verdictOf(said).height < head).slice(0, AT_ONCE);
      waiting = waiting.filter((look) => !due.includes(look));
      const open = due.filter(({ said }) => !own.has(verdictDigest(domain, verdictOf(said))));
      await Promise.all(open.map((look) => examine(look, head)));
    },

    /** What no judge takes is proven anew: the owner may have armed the rule again since. */
    refuse: ({ evidence }: Offence): void => {
      const lie = lies.find((known) => shown.get(known)?.evidence === evidence);
      if (lie === undefined || lie.look.refusals >= MOST_REFUSALS) return;
      wait({ ...lie.look, refusals: lie.look.refusals + 1 });
    },

    /** Changes whenever there is more to show. */
    size: () => found,
    /** What is to be shown, landed lies first, and what must be booked before. */
    all: async (): Promise<readonly (Offence | Unbooked)[]> => {
      const landed = lies.filter(({ look }) => look.said.kind === 'incident');
      // Who tripped with it pays for all of it: what else carries the same verdict costs less.
      const dearer = new Set(landed.map(({ digest }) => digest));
      const others = lies.filter(
        ({ look, digest }) => look.said.kind === 'certificate' && !dearer.has(digest),
      );
      const all = await Promise.all([...landed, ...others].map(toShow));
      return all.filter((each) => each !== null);
    },
  };
}
