import assert from 'node:assert/strict';
import { getAddress, type Hex, parseEventLogs, parseGwei } from 'viem';
import { GLADLY, NEVER } from './support/hostile.ts';
import { callOf, LOW, openProver, prove, proving, type Rig, write } from './support/prover.ts';
import { coverArmed, FUNDS } from './support/registry.ts';

const { viem, fresh } = await openProver();
const client = await viem.getPublicClient();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const refundsOf = async ({ registry }: Rig, hash: Hex) => {
  const { logs, gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash });
  const found = parseEventLogs({ abi: registry.abi, eventName: 'Incident', logs });
  const refund = found.reduce((sum: bigint, { args }) => sum + args.refund, 0n);
  return { refund, trips: found.length, gasUsed, cost: gasUsed * effectiveGasPrice };
};
/** A call from an account without code, with so many bytes behind it. */
const send = ({ submitter, prover }: Rig, call: Hex, padding = 0) =>
  submitter.sendTransaction({ to: prover.address, data: `${call}${'ff'.repeat(padding)}` });

describe('the refund of a trip by proof', () => {
  for (const gwei of ['0.5', '2', '50'])
    it(`is nearly what it cost, and never more, with a tip of ${gwei} gwei`, async () => {
      const rig = await fresh();
      await write(rig, LOW);
      const { baseFeePerGas } = await client.getBlock();
      const tip = parseGwei(gwei);
      const hash = await rig.prover.write.trip(await proving(rig), {
        account: rig.submitter.account,
        maxPriorityFeePerGas: tip,
        maxFeePerGas: tip + 2n * (baseFeePerGas ?? 0n),
      });
      const { refund, cost, gasUsed } = await refundsOf(rig, hash);
      const { effectiveGasPrice } = await client.getTransactionReceipt({ hash });
      const most = parseGwei('2');
      const capped = gasUsed * (effectiveGasPrice - tip + (tip < most ? tip : most));
      assert.ok(refund <= capped && refund <= cost, `${refund} of ${capped}`);
      assert.ok(refund * 100n >= capped * 97n, `${refund} of ${capped}`);
    });

  it('comes out of the escrow, and goes to the prover', async () => {
    const rig = await fresh();
    const { submitter, registry, id } = rig;
    await write(rig, LOW);
    const { address } = submitter.account;
    const before = await client.getBalance({ address });
    const { refund, cost } = await refundsOf(rig, await prove(rig));
    assert.equal(await client.getBalance({ address }), before - cost + refund);
    assert.equal((await registry.read.coverage([id])).escrow, FUNDS - refund);
  });

  it('is what is left of the escrow when that is less', async () => {
    const rig = await fresh();
    const left = 10n ** 9n;
    const target = await viem.deployContract('GuardedSample', [
      rig.hub.address,
      rig.guardian.account.address,
    ]);
    const id = await coverArmed(rig, [rig.rule], { of: target.address, value: left });
    await write(rig, LOW);
    const { refund } = await refundsOf(rig, await prove(rig, { id }));
    assert.equal(refund, left);
    assert.equal(await target.read.rung(), 3);
  });

  it('pays for no padding of the arguments', async () => {
    const rig = await fresh();
    await write(rig, LOW);
    const call = await callOf(rig);
    const { refund, cost } = await refundsOf(rig, await send(rig, call, 20_000));
    assert.ok(refund * 100n < cost * 50n, `${refund} of ${cost}`);
  });

  it('pays no contract for calldata, which it may not have paid for', async () => {
    const rig = await fresh();
    await write(rig, LOW);
    const relay = await viem.deployContract('HostileSubmitter');
    await relay.write.prepare([GLADLY, '0x']);
    const hash = await relay.write.relay([rig.prover.address, [await callOf(rig)]]);
    const { refund, cost } = await refundsOf(rig, hash);
    assert.equal(await client.getBalance({ address: relay.address }), refund);
    assert.ok(refund > 0n && refund < cost, `${refund} of ${cost}`);
  });

  it('counts the base cost of a transaction once, however many trips it carries', async () => {
    const rig = await fresh();
    const calls: Hex[] = [];
    const ids: Hex[] = [];
    for (let count = 0; count < 3; ++count) {
      const { address } = await viem.deployContract('GuardedSample', [
        rig.hub.address,
        rig.guardian.account.address,
      ]);
      ids.push(await coverArmed(rig, [rig.rule], { of: address }));
    }
    await write(rig, LOW);
    const relay = await viem.deployContract('HostileSubmitter');
    for (const id of ids) calls.push(await callOf(rig, { id }));
    const hash = await relay.write.relay([rig.prover.address, calls]);
    const { refund, trips, cost } = await refundsOf(rig, hash);
    assert.equal(trips, ids.length);
    assert.ok(refund < cost, `${refund} of ${cost}`);
  });

  it('that a contract refuses leaves the target as it is', async () => {
    const rig = await fresh();
    await write(rig, LOW);
    const relay = await viem.deployContract('HostileSubmitter');
    await relay.write.prepare([NEVER, '0x']);
    const call = relay.write.relay([rig.prover.address, [await callOf(rig)]]);
    const payee = getAddress(relay.address);
    await reverts(call, rig.registry, 'PaymentFailed', [payee, (amount: bigint) => amount > 0n]);
    assert.equal(await rig.target.read.rung(), 0);
  });
});
