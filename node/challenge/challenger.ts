import { encodeFunctionData, encodePacked, type Hex, keccak256, numberToHex } from 'viem';
import { incidentBookAbi } from '../../protocol/abi.ts';
import { seatWords } from '../../protocol/certificate.ts';
import { MAX_SEATS } from '../../protocol/quorum.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import { createLookout, type Lookout } from '../lib/lookout.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent, ChainState, Offence } from '../lib/pipeline.ts';
import type { Pending } from '../store/pending.ts';
import { createErrand } from '../wallet/errand.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Sender } from '../wallet/sender.ts';
import type { Barring } from './barring.ts';
import type { Unbooked } from './claims.ts';
import type { Court, EpochRecord } from './court.ts';
import type { Docket } from './docket.ts';
import { createTurns } from './turns.ts';

/** Shows the court every lie it knows of, and sees to it that the stake is taken. */
export type Challenger = Lookout;

/** What a challenger works with. `own` finds the own seat; `address` is the court's. */
export type ChallengerDeps = Readonly<{
  pending: Pending;
  sender: Sender;
  docket: Docket;
  court: Court;
  barring: Barring;
  address: Hex;
  /** Where incidents are booked. */
  book: Hex;
  own: OwnKeys;
  log: Log;
  metrics: Metrics;
}>;

/** Seats looked at by one transaction, of which a charged one costs less than 35,000 gas; fewer where that is too dear. */
const SEATS_AT_ONCE = { most: 64n, least: 4n } as const;
/** Blocks after which an act that would have failed is tried again, and evidence that no judge took. */
const PATIENCE = 16n;
const LONG_PATIENCE = 256n;
/** Acts of which is remembered that they would have failed: the oldest give way. */
const KEPT = 4_096;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** Something the court is to be told, and of which lie or slash; an offence is to be proven anew where it refuses. */
type Act = Readonly<{ kind: string; about: Hex; to: Hex; data: Hex; offence?: Offence }>;

/**
 * One act at a time, each simulated before it is sent: commit, reveal, enforce, bar, take the reward, burn the rest. Of
 * one lie the seats take turns, since all of them know of it and only the first is paid; what was committed to is
 * revealed at once.
 */
export async function createChallenger(deps: ChallengerDeps): Promise<Challenger> {
  const { sender, docket, court, barring, address, own, log, metrics } = deps;
  const errand = await createErrand(sender, deps.pending);
  const isTurn = createTurns(own);
  /** What is on its way. */
  let sent: Hex | null = null;
  /** Evidence that no judge took, and the height from which it is tried again: a provider may have lagged. */
  const hopeless = new WeakMap<Offence, bigint>();
  let seatsAtOnce: bigint = SEATS_AT_ONCE.most;
  /** Hashes of acts that would have failed, and from when they are tried again: none holds up those behind it. */
  const refused = new Map<Hex, bigint>();
  const refuse = (data: Hex, height: bigint): void => {
    refused.set(keccak256(data), height + PATIENCE);
    keepNewest(refused, KEPT);
  };
  /** Nothing is left to do until a seat is struck or another lie is known. */
  let quiet: string | null = null;

  const accuse = async (
    offence: Offence,
    record: EpochRecord,
    { block, state }: BlockSeen,
  ): Promise<Act | null | 'later'> => {
    const about = nameOf(offence);
    if (!isOpen(offence, record, block.timestamp)) return null;
    if (block.height < (hopeless.get(offence) ?? 0n)) return 'later';
    const standing = await court.standing(offence, block.height);
    if (standing === 'fresh') return 'later';
    if (standing === 'open')
      return { kind: 'reveal', about, to: address, data: await court.reveal(offence), offence };
    if (!isTurn(about, block.height, state, offence.seats)) return 'later';
    const code = await court.refusal(offence);
    if (code === null)
      return { kind: 'commit', about, to: address, data: await court.commit(offence) };
    hopeless.set(offence, block.height + LONG_PATIENCE);
    docket.refuse(offence);
    log.warn('the court would not take the evidence', { judge: offence.judge, about, code });
    return 'later';
  };

  const enforce = async (height: bigint, state: ChainState): Promise<Act | null | 'later'> => {
    const next = await court.unenforced();
    if (next === null) return null;
    const { slashId, seat, own } = next;
    const about = keccak256(encodePacked(['uint256', 'uint256'], [slashId, seat]));
    if (!own && !isTurn(about, height, state)) return 'later';
    return { kind: 'enforce', about, to: address, data: court.enforce(next, seatsAtOnce) };
  };

  const bar = async (height: bigint, state: ChainState): Promise<Act | null | 'later'> => {
    const seats = await barring(state);
    if (seats.length === 0 || state.committee === null) return null;
    const about = keccak256(encodePacked(['uint64', 'uint256[]'], [state.epoch, wordsOf(seats)]));
    if (!isTurn(about, height, state)) return 'later';
    return { kind: 'bar', about, to: address, data: court.bar(state.committee.epoch, seats) };
  };

  /** Lets what is shown of a landed lie stand, whatever the coverage is tripped by next. */
  const book = (unbooked: Unbooked, { block, state }: BlockSeen): Act | 'later' => {
    const about = nameOf(unbooked);
    const { coverageId, seats } = unbooked;
    return isTurn(about, block.height, state, seats)
      ? { kind: 'book', about, to: deps.book, data: bookOf(coverageId) }
      : 'later';
  };

  /** Ends the trip that a convicted lie has made, and enters its coverage for compensation. */
  const redress = async (
    offence: Offence,
    { wholly, deadline }: EpochRecord,
    { block, state }: BlockSeen,
  ): Promise<Act | null | 'later'> => {
    if (offence.landed === null || block.timestamp >= deadline) return null;
    if (await court.isRedressed(offence.landed)) return null;
    const about = nameOf(offence);
    const isConvicted = offence.seats.every((seat) => wholly.includes(seat));
    if (!isConvicted || !isTurn(about, block.height, state, offence.seats)) return 'later';
    return { kind: 'redress', about, to: address, data: court.redress(offence) };
  };

  /** Pays what an epoch's slashes compensate, once no more can be filed. */
  const settle = async (
    { epoch, landed }: Offence,
    { deadline }: EpochRecord,
    { block, state }: BlockSeen,
  ): Promise<Act | null | 'later'> => {
    if (landed === null || block.timestamp < deadline) return null;
    const due = await court.settlement(epoch, landed.coverageId);
    if (due === null) return null;
    const about = keccak256(due.data);
    return isTurn(about, block.height, state) ? { ...due, about, to: address } : 'later';
  };

  /** What is owed for what this account has proven. */
  const collect = async (): Promise<Act | null> =>
    (await court.owed()) === 0n
      ? null
      : { kind: 'reward', about: '0x', to: address, data: court.reward() };

  /** What is owed to nobody. */
  const burn = async (height: bigint, state: ChainState): Promise<Act | null | 'later'> => {
    const unburnt = await court.unburnt();
    if (unburnt === 0n) return null;
    const about = numberToHex(unburnt, { size: 32 });
    return isTurn(about, height, state)
      ? { kind: 'burn', about, to: address, data: court.burn() }
      : 'later';
  };

  const nextAct = async (seen: BlockSeen): Promise<Act | null> => {
    const { block, state } = seen;
    const mark = `${docket.size()} ${JSON.stringify(state.struck, text)} ${state.epoch}`;
    if (mark === quiet) return null;
    let isLater = false;
    const records = new Map<bigint, Promise<EpochRecord>>();
    const recordOf = (epoch: bigint): Promise<EpochRecord> => {
      const record = records.get(epoch) ?? court.recordOf(epoch);
      records.set(epoch, record);
      return record;
    };
    const docketed = await docket.all();
    const offences = docketed.flatMap((entry) => (isUnbooked(entry) ? [] : [entry]));
    const each = (step: typeof accuse) =>
      offences.map((offence) => async () => step(offence, await recordOf(offence.epoch), seen));
    const steps = [
      () => enforce(block.height, state),
      () => bar(block.height, state),
      ...docketed.filter(isUnbooked).map((unbooked) => async () => book(unbooked, seen)),
      ...each(accuse),
      ...each(redress),
      ...each(settle),
      collect,
      () => burn(block.height, state),
    ];
    for (const step of steps) {
      // One that cannot be read keeps no other from being done.
      const act = await step().catch((error: unknown) => {
        log.warn('challenge not looked at', { code: reasonOf(error) });
        return 'later' as const;
      });
      if (act === null) continue;
      if (act !== 'later' && block.height >= (refused.get(keccak256(act.data)) ?? 0n)) return act;
      isLater = true;
    }
    if (!isLater && docket.isRead()) quiet = mark;
    return null;
  };

  /** What the whole transaction may take, by simulation; null, and said, where it would fail. */
  const gasOf = async (act: Act, height: bigint): Promise<bigint | null> => {
    const { kind, about, to, data, offence } = act;
    try {
      return ((await court.gasOf(to, data)) * 13n) / 10n;
    } catch (error) {
      refuse(data, height);
      if (offence !== undefined) docket.refuse(offence);
      log.debug('challenge not sent', { kind, about, code: revertOf(error) });
      return null;
    }
  };

  const look = async (seen: BlockSeen): Promise<void> => {
    const { height } = seen.block;
    const act = await nextAct(seen);
    if (!errand.isFree()) {
      // What has become of it shows at the next block.
      const same = act !== null && act.data === sent ? act : null;
      const gas = same === null ? null : await gasOf(same, height);
      const call = same === null || gas === null ? null : { ...same, gas };
      await errand.isWaiting(call, height);
      return;
    }
    if (act === null) return;
    const gas = await gasOf(act, height);
    if (gas === null) return;
    const transaction = await errand.send({ to: act.to, data: act.data, gas }, height);
    if (transaction === null) {
      refuse(act.data, height);
      if (act.kind === 'enforce' && seatsAtOnce > SEATS_AT_ONCE.least) seatsAtOnce /= 2n;
      return log.warn('the hot wallet cannot pay for a challenge', { kind: act.kind, gas });
    }
    seatsAtOnce = SEATS_AT_ONCE.most;
    sent = act.data;
    metrics.transactions.inc({ kind: act.kind });
    log.info('challenge sent', { kind: act.kind, about: act.about, transaction });
  };

  const lookout = createLookout(look, (error) => {
    metrics.rpc.inc({ code: 'CHALLENGE' });
    log.warn('challenging failed', { code: reasonOf(error) });
  });
  return {
    ...lookout,
    note: (event) => {
      // What was done may have been in what is dropped.
      if (event.kind === 'reorg') quiet = null;
      return lookout.note(event);
    },
  };
}

/** Whether the court would still take it: in time, and of a seat that paid less for the epoch. */
const isOpen = (
  { seats, landed }: Offence,
  { deadline, inPart, wholly }: EpochRecord,
  timestamp: bigint,
): boolean => {
  const paid = landed !== null ? wholly : [...inPart, ...wholly];
  return timestamp < deadline && seats.some((seat) => !paid.includes(seat));
};

/** The same for every watcher, whatever signatures it holds as evidence. */
const nameOf = (about: Offence | Unbooked): Hex => {
  const isLanded = isUnbooked(about) || about.landed !== null;
  const words = [about.epoch, wordsOf(about.seats), isLanded] as const;
  return keccak256(encodePacked(['uint64', 'uint256[]', 'bool'], words));
};

const wordsOf = (seats: readonly number[]): readonly bigint[] => seatWords(seats, MAX_SEATS);

const isUnbooked = (entry: Offence | Unbooked): entry is Unbooked => 'kind' in entry;

const bookOf = (coverageId: Hex): Hex =>
  encodeFunctionData({ abi: incidentBookAbi, functionName: 'book', args: [coverageId] });

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
