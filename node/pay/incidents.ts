import type { Hex, PublicClient } from 'viem';
import { bountiesAbi, termsBookAbi } from '../../protocol/abi.ts';
import { evmCertificate, seatsOfWords, signersOf } from '../../protocol/certificate.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { type IncidentRecord, incidentHash } from '../../protocol/incident.ts';
import { CERTIFICATE_AGE, MAX_SEATS } from '../../protocol/quorum.ts';
import type { Certificate, Committee, Rule, Seat, Verdict } from '../../protocol/types.ts';
import { evmRule, verdictDigest } from '../../protocol/verdict.ts';
import { reasonOf } from '../lib/chain.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Landing, Landings } from '../lib/landings.ts';
import type { Log } from '../lib/log.ts';
import { turnOf } from '../lib/order.ts';
import { type OwnKeys, ownSeat } from '../lib/own-keys.ts';
import type { BlockEvent, ChainState, CoveredRule, QuorumReached } from '../lib/pipeline.ts';
import type { Act, Send } from './act.ts';

/** Trips whose bounty is, in part, this watcher's. */
export type Incidents = ReturnType<typeof createIncidents>;

/** What it works with. `account` is the one that proves; `least` is the pay that is worth a transaction. */
export type IncidentsDeps = Readonly<{
  client: PublicClient;
  deployment: Deployment;
  landings: Landings;
  /** Of a rule that was dropped as soon as it had tripped. */
  formerRuleOf: (coverageId: Hex, ruleId: Hex) => CoveredRule | null;
  committeeOf: (epoch: bigint) => Committee | null;
  /** A certificate of all that were heard to sign a verdict. */
  gathered: (digest: Hex) => Pick<QuorumReached, 'certificate'> | null;
  own: OwnKeys;
  account: Hex;
  least: bigint;
  log: Log;
}>;

/** Of a bounty, whoever has proven a trip has one part in so many. */
const PROVER_PARTS = 10n;
/** Blocks from one seat's turn to the next, and the turns that a seat waits for at most: signers are added for 32 blocks. */
const TURN_BLOCKS = 2n;
const MOST_TURNS = 8;
/** What is not booked in so many blocks is left: a provider keeps states for as many at least. */
const KEPT_BLOCKS = 64n;
/** Blocks that a start looks back: some providers keep all states. Of so many every provider gives logs. */
const LOOK_BACK_BLOCKS = 8_192n;
/** Trips that are kept: the oldest give way. */
const KEPT = 256;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

type Trip = {
  readonly digest: Hex;
  readonly verdict: Verdict;
  readonly rule: Rule;
  /** Where it tripped, and where this node took note of it. */
  readonly height: bigint;
  readonly since: bigint;
  /** The height at which it is looked at again, and that at which it was first seen to be booked. */
  next: bigint;
  bookedBy: bigint | null;
  /** Of all who were last heard to have signed: signatures are forgotten with their verdict, a proof may come at its end. */
  certificate: Certificate | null;
};

/**
 * Who signed books the incident, and who signed too late to be in it has itself added, with all whom it has heard: the
 * seats of each take turns. Who proved a trip books it alone. After a restart what has tripped lately is looked at again.
 */
export function createIncidents(deps: IncidentsDeps) {
  const { client, deployment, landings, own, least } = deps;
  const bounties = { address: deployment.bounties, abi: bountiesAbi } as const;
  const domain = { chainId: BigInt(deployment.chainId), registry: deployment.registry };
  const trips = new Map<Hex, Trip>();
  let isLookedBack = false;

  const keep = (verdict: Verdict, height: bigint, { block, rules }: ChainState): void => {
    const { coverageId, ruleId } = verdict;
    const covered =
      rules.find((each) => each.coverageId === coverageId && each.ruleId === ruleId) ??
      deps.formerRuleOf(coverageId, ruleId);
    if (covered === null) return;
    const digest = verdictDigest(domain, verdict);
    const { rule } = covered;
    const since = block.height;
    const certificate = deps.gathered(digest)?.certificate ?? null;
    const at = { height, since, next: since, bookedBy: null };
    trips.set(digest, { digest, verdict, rule, certificate, ...at });
    keepNewest(trips, KEPT);
  };

  const lookBack = async ({ block, state }: BlockSeen): Promise<void> => {
    if (isLookedBack) return;
    const from = block.height > LOOK_BACK_BLOCKS ? block.height - LOOK_BACK_BLOCKS : 0n;
    for (const { verdict, height } of await landings.since(from))
      if (!trips.has(verdictDigest(domain, verdict))) keep(verdict, height, state);
    isLookedBack = true;
  };

  /** What an incident at this height is promised in all, as far as it is there. */
  const promised = async ({ coverageId, height }: Verdict): Promise<bigint> => {
    const [{ bounty }, { deposit }] = await Promise.all([
      client.readContract({
        address: deployment.terms,
        abi: termsBookAbi,
        functionName: 'termsAt',
        args: [coverageId, height],
      }),
      client.readContract({ ...bounties, functionName: 'accountOf', args: [coverageId] }),
    ]);
    return bounty < deposit ? bounty : deposit;
  };

  const book = ({ verdict, rule }: Trip, landing: Landing): Act => {
    const { previous, record, later, landed } = landing;
    const trail = landed?.trail ?? later;
    return {
      ...bounties,
      kind: 'incident',
      about: { coverageId: verdict.coverageId, digest: record.digest },
      functionName: 'bookIncident',
      args: [verdict, previous, record, trail, evmRule(rule)],
    };
  };

  /** Seats known to have signed a verdict. */
  const heard = (trip: Trip): readonly number[] => {
    trip.certificate = deps.gathered(trip.digest)?.certificate ?? trip.certificate;
    return trip.certificate === null ? [] : signersOf(trip.certificate);
  };

  /** Whether nothing is paid for one shortly before or after it. */
  const isPaid = async (coverageId: Hex, { rung, trippedAt }: IncidentRecord): Promise<boolean> => {
    const args = [coverageId, rung, trippedAt] as const;
    return (await client.readContract({ ...bounties, functionName: 'paidNear', args })) === 0n;
  };

  /** Has all signers added whom the entry does not have, this watcher among them. */
  const add = async (
    trip: Trip,
    { previous, record }: Landing,
    entry: bigint,
    { seat, height, turn }: Sitting,
  ): Promise<Act | 'later' | 'over'> => {
    const { verdict, digest } = trip;
    const at = [verdict.coverageId, entry] as const;
    const [{ rate, since }, words] = await Promise.all([
      client.readContract({ ...bounties, functionName: 'bountyOf', args: at }),
      client.readContract({ ...bounties, functionName: 'seatsOf', args: at }),
    ]);
    if (height >= BigInt(since) + CERTIFICATE_AGE) return 'over';
    const signers = heard(trip);
    const { certificate } = trip;
    if (certificate === null || !signers.includes(seat.index)) return 'later';
    const booked = seatsOfWords(words, MAX_SEATS);
    if (booked.includes(seat.index) || rate * seat.weight < least) return 'over';
    trip.bookedBy ??= height;
    if (height < trip.bookedBy + turn(signers.filter((index) => !booked.includes(index))))
      return 'later';
    return {
      ...bounties,
      kind: 'signers',
      about: { coverageId: verdict.coverageId, digest },
      functionName: 'addSigners',
      args: [verdict, previous, record, evmCertificate(certificate)[1]],
    };
  };

  const next = async (trip: Trip, { block, state }: BlockSeen): Promise<Act | 'later' | 'over'> => {
    const { verdict, digest } = trip;
    const most = await promised(verdict);
    if (most < least) return 'over';
    const landing = await landings.find(verdict.coverageId, digest, trip.height);
    // This provider may be behind the one that told of it.
    if (landing === null) return 'later';
    const { previous, record } = landing;
    const entry = await client.readContract({
      ...bounties,
      functionName: 'entryOf',
      args: [incidentHash(previous, record)],
    });
    if (entry === 0n && !(await isPaid(verdict.coverageId, record))) return 'over';
    const isProven = record.total === 0n;
    if (isProven && entry === 0n && record.signers[0] === BigInt(deps.account))
      return most / PROVER_PARTS < least ? 'over' : book(trip, landing);
    const committee =
      state.committee?.epoch === verdict.epoch ? state.committee : deps.committeeOf(verdict.epoch);
    const seat = ownSeat(committee, own);
    if (committee === null || seat === null) return 'over';
    const turn = (among: readonly number[]): bigint => {
      const others = committee.seats.map(({ index }) => index).filter((at) => !among.includes(at));
      return TURN_BLOCKS * BigInt(Math.min(turnOf(digest, committee, own, others), MOST_TURNS));
    };
    const booked = isProven ? [] : seatsOfWords(record.signers, MAX_SEATS);
    if (entry !== 0n) {
      const sitting = { seat, height: block.height, turn };
      return booked.includes(seat.index) ? 'over' : add(trip, landing, entry - 1n, sitting);
    }
    const total = isProven ? committee.totalWeight : record.total;
    if ((most / total) * seat.weight < least) return 'over';
    // Whoever has proven it books it first, if that is a node.
    const signers = isProven ? heard(trip) : booked;
    const from = trip.since + (isProven ? TURN_BLOCKS : 0n) + turn(signers);
    return signers.includes(seat.index) && block.height >= from ? book(trip, landing) : 'later';
  };

  /** One that cannot be read keeps no other from being booked. */
  const read = async (trip: Trip, seen: BlockSeen): Promise<Act | 'later' | 'over'> =>
    next(trip, seen).catch((error: unknown) => {
      deps.log.debug('incident not read', { digest: trip.digest, code: reasonOf(error) });
      return 'later';
    });

  return {
    /** Takes note of what has tripped, and forgets what a reorg has dropped. */
    note: (event: BlockEvent): void => {
      if (event.kind === 'block')
        for (const { verdict } of event.trips) keep(verdict, event.block.height, event.state);
      if (event.kind !== 'reorg') return;
      for (const [digest, { height }] of trips)
        if (height > (event.common?.height ?? -1n)) trips.delete(digest);
    },

    /** Sends what is due first; whether anything was. */
    look: async (seen: BlockSeen, send: Send): Promise<boolean> => {
      const { height } = seen.block;
      // Tried again with the next block; what trips now, and what is owed, does not wait for it.
      await lookBack(seen).catch((error: unknown) =>
        deps.log.debug('former incidents not read', { code: reasonOf(error) }),
      );
      for (const trip of trips.values()) {
        if (height < trip.next) continue;
        trip.next = height + TURN_BLOCKS;
        const act = height > trip.since + KEPT_BLOCKS ? 'over' : await read(trip, seen);
        if (act === 'over' && trips.get(trip.digest) === trip) trips.delete(trip.digest);
        if (typeof act === 'object' && (await send(act))) return true;
      }
      return false;
    },
  };
}

/** The own seat among those of a verdict's roster, and how many blocks it waits for `among` others. */
type Sitting = Readonly<{
  seat: Seat;
  height: bigint;
  turn: (among: readonly number[]) => bigint;
}>;
