import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Hex } from 'viem';
import { keyAt } from '../support/bls.ts';
import {
  book,
  bookIncident,
  BOUNTY,
  callOf,
  endTrips,
  fund,
  incidentOf,
  NOTICE,
  openPay,
  type PayRig,
  PREMIUM,
  purseOf,
  requireWhole,
  RULING,
  settle,
  WINDOW,
} from '../support/pay.ts';
import { asOwner, trip, WEIGHTS } from '../support/registry.ts';

const { networkHelpers, operatorOf, slash, fresh } = await openPay();
const SEATS = [0, 1, 2, 3, 4, 5, 6];

const seats = fc.subarray(SEATS, { minLength: 1 });
const act = fc.record({
  kind: fc.constantFrom('book', 'add', 'claim', 'fund', 'withdraw', 'slash', 'settle'),
  seats,
  amount: fc.bigInt(1n, 3n * PREMIUM),
  max: fc.bigInt(1n, 4n),
});
const trial = fc.record({
  seats,
  fate: fc.constantFrom('stands', 'upheld', 'dismissed', 'lapsed'),
});
const without = (those: readonly number[]) => SEATS.filter((seat) => !those.includes(seat));
const weightOf = (seat: number) => BigInt(WEIGHTS[seat] ?? 0);

/** Claims until nothing is left. */
const claimAll = async (rig: PayRig, from: 'payroll' | 'bounties') => {
  for (const seat of SEATS)
    for (;;) {
      const args = [operatorOf(seat).account.address, rig.id, 1_000n] as const;
      const claimed = await rig.ledgers[from].write.claim(args).then(
        () => true,
        () => false,
      );
      if (!claimed) break;
    }
};

describe('pay, whatever anybody does', () => {
  it('is a deposit or owed to the wei, and what is owed is claimed to the wei', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 10, maxLength: 25 }), async (acts) => {
        const rig = await fresh();
        const { payroll, id } = rig;
        const earned = new Map<number, bigint>();
        const liars = new Set<number>();
        const signed = new Map<number, Set<number>>();
        let call = await callOf(rig);
        for (const { kind, seats: who, amount, max } of acts) {
          const before = await payroll.read.accountOf([id]);
          if (kind === 'book') call = await callOf(rig);
          if (kind === 'book' || kind === 'add')
            await book(rig, { verdict: call, absent: without(who) }).catch(() => undefined);
          if (kind === 'claim')
            for (const seat of who)
              await payroll.write
                .claim([operatorOf(seat).account.address, id, max])
                .catch(() => undefined);
          if (kind === 'fund') await fund(rig, amount);
          if (kind === 'withdraw' && before.deposit > amount) {
            await payroll.write.askWithdrawal([id, before.deposit - amount], asOwner(rig));
            await networkHelpers.mine(NOTICE);
            await payroll.write.withdraw([id], asOwner(rig));
          }
          if (kind === 'slash' && liars.size < 2 && who[0] !== undefined && !liars.has(who[0])) {
            await slash(rig, who[0], keyAt(who[0]));
            liars.add(who[0]);
          }
          if (kind === 'settle') await settle(rig);
          await requireWhole(rig);
        }
        // What each entry owes each of its seats, from the words that are kept of it.
        const { entries, runs } = await payroll.read.accountOf([id]);
        for (let entry = 0; entry < entries; entry++) {
          const [word] = await payroll.read.seatsOf([id, BigInt(entry)]);
          signed.set(entry, new Set(SEATS.filter((seat) => (word >> BigInt(seat)) & 1n)));
        }
        for (let run = 1; run <= runs; run++) {
          const { first, rate } = await payroll.read.runOf([id, BigInt(run)]);
          const next =
            run < runs ? (await payroll.read.runOf([id, BigInt(run + 1)])).first : entries;
          for (let entry = first; entry < next; entry++)
            for (const seat of signed.get(entry) ?? [])
              earned.set(seat, (earned.get(seat) ?? 0n) + rate * weightOf(seat));
        }
        await settle(rig);
        await claimAll(rig, 'payroll');
        assert.equal((await payroll.read.accountOf([id])).owed, 0n);
        for (const seat of SEATS) {
          const paid = await purseOf(rig, operatorOf(seat));
          const due = earned.get(seat) ?? 0n;
          assert.ok(liars.has(seat) ? paid <= due : paid === due, `seat ${seat}: ${paid}`);
        }
        await requireWhole(rig);
      }),
      { numRuns: 12, seed: 1 },
    );
  });

  it('is a bond, a credit, a deposit or owed to the wei, however disputes end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(trial, { minLength: 3, maxLength: 8 }), async (trials) => {
        const rig = await fresh();
        const { bounties, token, id, submitter, arbiter } = rig;
        const { account } = submitter;
        const due = new Map<number, bigint>();
        const lapsing: bigint[] = [];
        let previous: Hex = id;
        let held = 0n;
        for (const { seats: who, fate } of trials) {
          const absent = who.slice(0, 2).filter((seat) => seat > 3);
          const hash = await trip(rig, id, { rule: rig.replayed, absent });
          const landed = await incidentOf(rig, hash);
          const entry = BigInt((await bounties.read.accountOf([id])).entries);
          await bookIncident(rig, landed, rig.replayed, { previous });
          previous = (await rig.registry.read.coverage([id])).incidents;
          const { rate, signed } = await bounties.read.bountyOf([id, entry]);
          assert.ok(rate <= BOUNTY / 100n);
          const bond = rate * BigInt(signed);
          if (fate !== 'stands') {
            await token.write.mint([account.address, bond]);
            await token.write.approve([bounties.address, bond], { account });
            await bounties.write.dispute([id, entry], { account });
            if (fate !== 'dismissed') held += bond;
          }
          const upheld = fate === 'upheld';
          if (upheld || fate === 'dismissed')
            await bounties.write.decide([id, entry, upheld], { account: arbiter.account });
          if (fate === 'lapsed') lapsing.push(entry);
          await requireWhole(rig, 'bounties', held);
          const times = { stands: 1n, lapsed: 1n, upheld: 0n, dismissed: 2n }[fate];
          for (const seat of without(absent))
            due.set(seat, (due.get(seat) ?? 0n) + times * rate * weightOf(seat));
          await endTrips(rig);
        }
        await networkHelpers.time.increase(WINDOW + RULING);
        for (const entry of lapsing) await bounties.write.lapse([id, entry]);
        await claimAll(rig, 'bounties');
        for (const seat of SEATS)
          assert.equal(await purseOf(rig, operatorOf(seat)), due.get(seat) ?? 0n, `seat ${seat}`);
        assert.equal(await bounties.read.creditOf([account.address]), held);
        if (held !== 0n) await bounties.write.collect([account.address]);
        assert.equal((await bounties.read.accountOf([id])).owed, 0n);
        await requireWhole(rig, 'bounties');
      }),
      { numRuns: 10, seed: 1 },
    );
  });
});
