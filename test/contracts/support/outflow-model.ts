/** What the limiter is told at birth. */
export type Settings = Readonly<{
  period: number;
  calmBps: number;
  trippedBps: number;
  accountBps: number;
}>;

/** Fixed point so fine that its rounding is far below the contract's. */
const ONE = 10n ** 40n;
const ALL_BPS = 10_000n;
const lesser = (a: bigint, b: bigint) => (a < b ? a : b);
const positive = (a: bigint) => (a > 0n ? a : 0n);

/** What may leave one token, in words: nothing is packed, clipped or rounded to the contract's widths. */
export function createModel(settings: Settings, accounts: number) {
  const period = BigInt(settings.period);
  const token = { base: 0n, held: 0n, used: 0n, at: 0n };
  const people = Array.from({ length: accounts }, () => ({ credit: 0n, used: 0n, at: 0n }));
  const since = (at: bigint, now: bigint) => lesser(now - at, period);
  const refilled = (used: bigint, elapsed: bigint) => positive(used - (ONE * elapsed) / period);

  /** Token and account as time alone has left them. */
  const look = (who: number, holdings: bigint, now: bigint) => {
    const elapsed = since(token.at, now);
    const neared = token.base + (positive(token.held * ONE - token.base) * elapsed) / period;
    const person = people[who]!;
    const mine = since(person.at, now);
    const base = lesser(neared, holdings * ONE);
    return {
      base,
      used: refilled(token.used, elapsed),
      credit: lesser((person.credit * (period - mine)) / period, holdings * ONE - base),
      usedBy: refilled(person.used, mine),
    };
  };
  const keep = (who: number, seen: ReturnType<typeof look>, held: bigint, now: bigint): void => {
    const base = lesser(seen.base, held * ONE);
    Object.assign(token, { base, held, used: seen.used, at: now });
    people[who] = { credit: seen.credit, used: seen.usedBy, at: now };
  };
  const shareOf = (tripped: boolean) => BigInt(tripped ? settings.trippedBps : settings.calmBps);
  /** The token's bound and the account's in 1e-40 units. */
  const boundsOf = (base: bigint, tripped: boolean) => {
    const bound = (base * shareOf(tripped)) / ALL_BPS;
    return [bound, (bound * BigInt(settings.accountBps)) / ALL_BPS] as const;
  };

  const left = (who: number, holdings: bigint, now: bigint, tripped: boolean): bigint | null => {
    if (shareOf(tripped) === ALL_BPS) return null;
    const { base, used, credit, usedBy } = look(who, holdings, now);
    const [bound, mine] = boundsOf(base, tripped);
    return (credit + lesser((bound * (ONE - used)) / ONE, (mine * (ONE - usedBy)) / ONE)) / ONE;
  };
  const bound = (holdings: bigint, now: bigint, tripped: boolean): bigint =>
    boundsOf(look(0, holdings, now).base, tripped)[0] / ONE;
  const put = (who: number, amount: bigint, holdings: bigint, now: bigint): void => {
    const seen = look(who, positive(holdings - amount), now);
    const rise = positive(holdings - token.held);
    keep(who, { ...seen, credit: seen.credit + lesser(amount, rise) * ONE }, holdings, now);
  };
  /** What of it was bounded; only for amounts that may leave. */
  const take = (who: number, amount: bigint, holdings: bigint, now: bigint, tripped: boolean) => {
    const seen = look(who, holdings, now);
    const own = lesser(amount * ONE, seen.credit);
    const bounded = amount * ONE - own;
    const [all, mine] = boundsOf(seen.base, tripped);
    const counts = shareOf(tripped) !== ALL_BPS && bounded > 0n;
    const after = {
      ...seen,
      credit: seen.credit - own,
      used: counts ? lesser(ONE, seen.used + (bounded * ONE) / all) : seen.used,
      usedBy: counts ? lesser(ONE, seen.usedBy + (bounded * ONE) / mine) : seen.usedBy,
    };
    keep(who, after, positive(holdings - amount), now);
    return bounded / ONE;
  };
  return { left, bound, put, take };
}
