import type { SeatAt } from './roster.ts';
import type { Key } from './bls.ts';

const FULL = 512;
const STEP = 128;
const AGE = 32n;

/** Where a block stands. */
export type Moment = Readonly<{ height: bigint; time: bigint; epoch: bigint }>;
/** A roster of the model. */
export type ModelRoster = Readonly<{ seats: readonly SeatAt[]; begun: bigint; height: bigint }>;

/** What the committee is said to do, plainly: each call answers the error's name, or null when it has been done. */
export const createRosterModel = () => {
  const weights = new Map<Key, number>();
  const pages = new Map<Key, { page: number; place: number }>();
  let members: Key[] = [];
  /** Who has kept its index since the latest roster: others weigh what they weigh now. */
  let settled = new Set<Key>();
  let latest = { epoch: 0n, seats: [] as readonly SeatAt[], height: 0n };
  let opening: { epoch: bigint; begun: Moment; seats: SeatAt[] } | null = null;

  const countedWeight = (key: Key, place: number) =>
    settled.has(key) ? (latest.seats[place]?.weight ?? 0) : weightOf(key);
  const weightOf = (key: Key | undefined) => (key === undefined ? 0 : (weights.get(key) ?? 0));
  const goingOn = (now: Moment) =>
    opening !== null && opening.epoch === now.epoch && now.height <= opening.begun.height + AGE
      ? opening
      : null;

  const join = (keys: readonly Key[], displaced: readonly number[], now: Moment): string | null => {
    if (goingOn(now) !== null) return 'OpeningUnderWay';
    const after = [...members];
    const newcomers = new Set(keys);
    const room = FULL - members.length;
    if (keys.length - room > displaced.length) return 'CommitteeFull';
    const lost: Key[] = [];
    for (const [index, key] of keys.entries()) {
      if (weightOf(key) === 0) return 'KeyUnknown';
      if (index < room) {
        after.push(key);
        continue;
      }
      const place = displaced[index - room] ?? FULL;
      const former = after[place];
      if (former === undefined) return 'MemberUnknown';
      if (weightOf(former) >= weightOf(key)) return 'MemberNotLighter';
      lost.push(former);
      after[place] = key;
    }
    const heaviest = Math.max(0, ...lost.map(weightOf));
    const weighed = (key: Key, place: number) =>
      newcomers.has(key) ? weightOf(key) : countedWeight(key, place);
    if (after.some((key, place) => weighed(key, place) < heaviest)) return 'MemberNotLightest';
    members = after;
    for (const key of keys) settled.delete(key);
    return null;
  };

  return {
    members: () => members,
    latest: () => latest,
    lightest: () =>
      members
        .map((key, place) => ({ place, weight: countedWeight(key, place) }))
        .sort((a, b) => a.weight - b.weight)
        .map(({ place }) => place),
    seats: (now: Moment) => goingOn(now)?.seats.length ?? 0,
    weigh: (keys: readonly Key[], weight: number) => {
      for (const key of keys) weights.set(key, weight);
    },
    writePage: (keys: readonly Key[], displaced: readonly number[], page: number, now: Moment) => {
      const error = keys.some((key) => pages.has(key))
        ? 'KeyAlreadyPaged'
        : join(keys, displaced, now);
      if (error === null) keys.forEach((key, place) => pages.set(key, { page, place }));
      return error;
    },
    rejoin: (key: Key, displaced: readonly number[], now: Moment) => {
      if (!pages.has(key)) return 'KeyUnpaged';
      return members.includes(key) ? 'AlreadyMember' : join([key], displaced, now);
    },
    openEpoch: (now: Moment): string | null => {
      if (now.epoch <= latest.epoch) return 'EpochAlreadyOpen';
      if (latest.epoch !== 0n && now.height <= latest.height + AGE) return 'EpochTooSoon';
      const before = goingOn(now);
      const seats = [...(before?.seats ?? [])];
      const left = [...members];
      for (let looks = 0; looks < STEP && seats.length < left.length; looks++) {
        const key = left[seats.length];
        if (key === undefined) break;
        const at = pages.get(key);
        if (weightOf(key) !== 0 && at !== undefined)
          seats.push({ key, ...at, weight: weightOf(key) });
        else {
          const last = left.pop();
          if (last !== undefined && last !== key) {
            left[seats.length] = last;
            settled.delete(last);
          }
        }
      }
      if (left.length === 0) return 'NobodySeated';
      members = left;
      const isOpen = seats.length === members.length;
      if (isOpen) {
        latest = { epoch: now.epoch, seats, height: now.height };
        settled = new Set(members);
      }
      opening =
        isOpen || seats.length === 0
          ? null
          : { epoch: now.epoch, begun: before?.begun ?? now, seats };
      return null;
    },
  };
};
