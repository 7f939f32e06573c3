import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { createCourt } from '../../../node/challenge/court.ts';
import {
  createSilences,
  type Silences,
  type SilencesDeps,
} from '../../../node/challenge/silences.ts';
import { createPredicates } from '../../../node/detect/predicates.ts';
import { createLog } from '../../../node/lib/log.ts';
import type { Block, Booking, CoveredRule } from '../../../node/lib/pipeline.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { createPayrollLogs } from '../../../node/observe/payroll-logs.ts';
import { trueClaims } from '../../../node/observe/true-claims.ts';
import type { Evidence } from '../../../node/store/evidence.ts';
import { payrollAbi } from '../../../protocol/abi.ts';
import { aggregate } from '../../../protocol/bls.ts';
import { createCertificate, evmCertificate } from '../../../protocol/certificate.ts';
import { rollCallOf, STATES } from '../../../protocol/roll-call.ts';
import { ruleId, verdictDigest } from '../../../protocol/verdict.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { rollAt, saidBy } from '../roll-call/support.ts';
import { createNetwork, type Network } from '../submit/network.ts';
import { createTribunal, type Tribunal } from './tribunal.ts';

const NOTHING: Evidence = {
  put: () => Promise.resolve('known'),
  all: () => Promise.resolve([]),
  size: () => 0,
};

describe('what holds others to their roll calls', () => {
  let anvil: Anvil;
  let network: Network;
  let tribunal: Tribunal;
  let snapshot: Hex;
  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil, undefined, 1n);
    tribunal = createTribunal(anvil, network);
    await anvil.test.setAutomine(false);
    snapshot = await anvil.test.snapshot();
  });
  beforeEach(async () => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  });
  after(() => anvil.stop());

  const open = (changes: Partial<SilencesDeps> = {}): Silences => {
    const providers = createProviders([anvil.url], {});
    const { domain, rule } = network;
    const covered = { rule } as CoveredRule;
    return createSilences({
      domain,
      formerRuleOf: () => covered,
      truth: (of, verdict) => trueClaims(providers.agreed, domain.registry, of, verdict),
      mayBe: createPredicates({
        codeOf: async (address) => (await anvil.client.getCode({ address })) ?? '0x',
      }).mayBe,
      seatCountOf: createCourt(anvil.client, network, funded(0)).seatCountOf,
      log: createLog({ level: 'silent', format: 'json' }),
      ...changes,
    });
  };

  /** A certificate by these seats of a roll call of the newest block, in which the rule is said to be in a state. */
  const certify = async (state: number, signers: readonly number[]) => {
    const { roll, verdict } = await rollAt(anvil, network, state);
    const said = signers.map((seat) => saidBy(network.domain, verdict, seat).signature);
    const signature = aggregate(said);
    return { roll, certificate: createCertificate({ verdict, seatCount: 4, signers, signature }) };
  };

  /** Books it, and what the payroll tells of that. */
  const book = async ({ roll, certificate }: Awaited<ReturnType<typeof certify>>) => {
    const [verdict, evm] = evmCertificate(certificate);
    const states = roll.leaves.map(({ state }) => state);
    await anvil.wallet.writeContract({
      address: network.payroll,
      abi: payrollAbi,
      functionName: 'bookRollCall',
      args: [verdict, roll.ruleIds, states, evm],
      gas: 2_000_000n,
    });
    await anvil.test.mine({ blocks: 1 });
    const height = await anvil.client.getBlockNumber();
    const providers = createProviders([anvil.url], {});
    const logs = createPayrollLogs(providers, network.payroll);
    const [booking] = await logs.since(height, { height } as unknown as Block);
    assert.ok(booking);
    return booking;
  };

  const look = async (silences: Silences, booking: Booking) => {
    silences.noteBooking(booking);
    await silences.advance(await anvil.client.getBlockNumber());
  };

  it('has those slashed who say that a rule fires which is clear, by the booking alone', async () => {
    const silences = open();
    await look(silences, await book(await certify(STATES.firing, [1, 3])));
    assert.equal(silences.size(), 1);
    await tribunal.mine([await tribunal.start(0, NOTHING, undefined, [silences])], 40);
    assert.deepEqual(await tribunal.struck(), [1, 3]);
    // A twentieth of 400.
    for (const seat of [1, 3]) assert.equal(await tribunal.slashedOf(seat), 20n);
    assert.equal(await tribunal.slashedOf(0), 0n);
  });

  it('accuses nobody of what is so, nor its own node', async () => {
    const silences = open();
    await look(silences, await book(await certify(STATES.clear, [1, 3])));
    const own = await certify(STATES.firing, [0]);
    silences.trust(verdictDigest(network.domain, own.certificate.verdict));
    await look(silences, await book(own));
    assert.equal(silences.size(), 0);
  });

  it('knows from the booking what a certificate says that came before it', async () => {
    const silences = open();
    const all = await certify(STATES.firing, [0, 1, 2, 3]);
    const some = await certify(STATES.firing, [2]);
    silences.noteCertificate(all.certificate);
    await silences.advance((await anvil.client.getBlockNumber()) + 1n);
    assert.equal(silences.size(), 0);
    await look(silences, await book(some));
    assert.equal(silences.size(), 2);
    const accused = (await silences.all()).map(({ seats }) => seats);
    assert.deepEqual(
      accused.toSorted((a, b) => a.length - b.length),
      [[2], [0, 1, 2, 3]],
    );
  });

  it('shows one leaf after the other, whatever a judge refuses and whichever cannot be read', async () => {
    const { domain, rule } = network;
    const { roll } = await rollAt(anvil, network);
    const [unread, ...others] = [1, 2, 3].map((life) => ({ ...rule, life }));
    const leaves = [unread!, ...others].map((each) => ({
      ruleId: ruleId(each),
      state: STATES.firing,
    }));
    const verdict = rollCallOf({ ...roll, leaves });
    const signature = saidBy(domain, verdict, 2).signature;
    const certificate = createCertificate({ verdict, seatCount: 4, signers: [2], signature });
    const providers = createProviders([anvil.url], {});
    const silences = open({
      formerRuleOf: (_, id) =>
        ({ rule: [unread!, ...others].find((each) => ruleId(each) === id)! }) as CoveredRule,
      truth: (of, about) =>
        of.rule === unread
          ? Promise.reject(new Error('pruned'))
          : trueClaims(providers.agreed, domain.registry, of, about),
    });
    await anvil.test.mine({ blocks: 1 });
    await look(silences, { verdict, leaves, certificate: evmCertificate(certificate)[1] });
    const shown = async () => {
      const [offence] = await silences.all();
      assert.ok(offence);
      silences.refuse(offence);
      // Once for the next leaf, and once to begin again.
      for (let looks = 0; looks < 2; looks++)
        await silences.advance(await anvil.client.getBlockNumber());
      return offence.evidence;
    };
    const evidence: Hex[] = [];
    for (let times = 0; times < 8; times++) evidence.push(await shown());
    const [first, second] = evidence;
    assert.notEqual(first, second);
    // Three rounds, and then the last of them stays.
    assert.deepEqual(evidence, [first, second, first, second, first, second, second, second]);
  });

  it('takes two bookings of one roll call for two, though they list the same seats', async () => {
    const silences = open();
    const { roll, verdict } = await rollAt(anvil, network, STATES.firing);
    await anvil.test.mine({ blocks: 1 });
    for (const signers of [[1], [0, 2, 3]]) {
      const said = signers.map((seat) => saidBy(network.domain, verdict, seat).signature);
      const signature = aggregate(said);
      const certificate = createCertificate({ verdict, seatCount: 4, signers, signature });
      const [, evm] = evmCertificate(certificate);
      await look(silences, { verdict, leaves: roll.leaves, certificate: evm });
    }
    const accused = (await silences.all()).map(({ seats }) => seats);
    assert.deepEqual(accused, [[1], [0, 2, 3]]);
  });

  it('asks again for the seats of a roster where a provider lags', async () => {
    let asked = 0;
    const silences = open({ seatCountOf: () => Promise.resolve(asked++ === 0 ? 0 : 4) });
    const booking = await book(await certify(STATES.firing, [1]));
    await look(silences, booking);
    assert.equal(silences.size(), 0);
    await look(silences, booking);
    assert.equal(silences.size(), 1);
  });

  it('says nothing of a block that was reorged away', async () => {
    const silences = open();
    const booking = await book(await certify(STATES.firing, [1]));
    const verdict = { ...booking.verdict, blockHash: booking.verdict.coverageId };
    await look(silences, { ...booking, verdict });
    assert.equal(silences.size(), 0);
  });
});
