import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress, type Hex, parseEventLogs, parseGwei } from 'viem';
import { ruleId } from '../../protocol/verdict.ts';
import { openRegistry } from './support/coverage.ts';
import { GLADLY, NEVER, REENTER, REENTERED, way } from './support/hostile.ts';
import {
  certifyVerdict,
  coverArmed,
  deployRegistry,
  FUNDS,
  NO_ANCHOR,
  type Rig,
  submission,
  trip,
  verdictOf,
} from './support/registry.ts';

const {
  connection,
  viem,
  networkHelpers,
  covered: fresh,
  hostile: freshHostile,
} = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

/** A registry with one coverage of this much escrow. */
const deployWith = async (value: bigint) => {
  const rig = await deployRegistry(connection);
  return { ...rig, id: await coverArmed(rig, [rig.rule], { value }) };
};

const refundOf = async ({ client, registry }: Rig, hash: Hex) => {
  const { logs, gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash });
  const found = parseEventLogs({ abi: registry.abi, eventName: ['Incident', 'Released'], logs });
  return { refund: found[0]?.args.refund ?? 0n, cost: gasUsed * effectiveGasPrice, gasUsed };
};

describe('the refund of a trip', () => {
  for (const absent of [[], [6], [5, 6]])
    for (const gwei of ['0.5', '2', '50'])
      it(`is nearly what it cost, and never more, with ${absent.length} absent and a tip of ${gwei} gwei`, async () => {
        const rig = await fresh();
        const verdict = await verdictOf(rig, rig.id);
        const certificate = await certifyVerdict(rig, verdict, absent);
        const { baseFeePerGas } = await rig.client.getBlock();
        const tip = parseGwei(gwei);
        const hash = await rig.registry.write.submit([verdict, certificate], {
          account: rig.submitter.account,
          maxPriorityFeePerGas: tip,
          maxFeePerGas: tip + 2n * (baseFeePerGas ?? 0n),
        });
        const { refund, cost, gasUsed } = await refundOf(rig, hash);
        const { effectiveGasPrice } = await rig.client.getTransactionReceipt({ hash });
        const base = effectiveGasPrice - tip;
        const capped = gasUsed * (base + (tip < parseGwei('2') ? tip : parseGwei('2')));
        assert.ok(refund <= capped && refund <= cost, `${refund} of ${capped}`);
        assert.ok(refund * 100n >= capped * 97n, `${refund} of ${capped}`);
      });

  it('comes out of the escrow, whole gwei, and goes to the submitter', async () => {
    const rig = await fresh();
    const { submitter, client } = rig;
    const before = await client.getBalance({ address: submitter.account.address });
    const { refund, cost } = await refundOf(rig, await trip(rig, rig.id));
    assert.equal(
      await client.getBalance({ address: submitter.account.address }),
      before - cost + refund,
    );
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, FUNDS - refund);
    assert.equal(await client.getBalance({ address: rig.registry.address }), FUNDS - refund);
    assert.equal(refund % 10n ** 9n, 0n);
  });

  it('is what is left of the escrow when that is less, and the trip happens all the same', async () => {
    const left = 10n ** 9n;
    const rig = await deployWith(left);
    const { refund } = await refundOf(rig, await trip(rig, rig.id));
    assert.equal(refund, left);
    assert.equal(await rig.target.read.rung(), 3);
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, 0n);
  });

  it('is nothing without escrow, even to a submitter that refuses money', async () => {
    const rig = await deployWith(0n);
    const hostile = await viem.deployContract('HostileSubmitter');
    await hostile.write.prepare([NEVER, '0x']);
    const { call } = await submission(rig, rig.id);
    await hostile.write.relay([rig.registry.address, [call]]);
    assert.equal(await rig.target.read.rung(), 3);
  });

  it('counts the base cost of a transaction once, however many trips it carries', async () => {
    const rig = await networkHelpers.loadFixture(deployMany);
    const relay = await viem.deployContract('HostileSubmitter');
    const calls: Hex[] = [];
    for (const { id } of rig.covered) calls.push((await submission(rig, id)).call);
    const hash = await relay.write.relay([rig.registry.address, calls]);
    const { logs, gasUsed, effectiveGasPrice } = await rig.client.getTransactionReceipt({ hash });
    const incidents = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
    assert.equal(incidents.length, calls.length);
    const refunds = incidents.reduce((sum, { args }) => sum + args.refund, 0n);
    assert.ok(
      refunds < gasUsed * effectiveGasPrice,
      `${refunds} for ${gasUsed * effectiveGasPrice}`,
    );
  });
});

const deployMany = async () => {
  const rig = await deployRegistry(connection);
  const covered = [];
  for (let i = 0; i < 3; ++i) {
    const target = await viem.deployContract('GuardedSample', [
      rig.hub.address,
      rig.guardian.account.address,
    ]);
    covered.push({ target, id: await coverArmed(rig, [rig.rule], { of: target.address }) });
  }
  return { ...rig, covered };
};

describe('a hostile submitter', () => {
  it('that refuses its refund trips nothing', async () => {
    const rig = await fresh();
    const hostile = await viem.deployContract('HostileSubmitter');
    await hostile.write.prepare([NEVER, '0x']);
    const { call } = await submission(rig, rig.id);
    await reverts(
      hostile.write.relay([rig.registry.address, [call]]),
      rig.registry,
      'PaymentFailed',
      [getAddress(hostile.address), (amount: bigint) => amount > 0n],
    );
    assert.equal(await rig.target.read.rung(), 0);
  });

  for (const name of [
    'submit',
    'release',
    'end',
    'fund',
    'defund',
    'retire',
    'arm',
    'disarm',
    'cover',
  ] as const)
    it(`cannot enter ${name} again while it is paid`, async () => {
      const rig = await fresh();
      const hostile = await viem.deployContract('HostileSubmitter');
      const { call, verdict, certificate } = await submission(rig, rig.id);
      const args = {
        submit: [verdict, certificate],
        release: [rig.id, 3],
        end: [rig.id],
        fund: [rig.id],
        defund: [rig.id, 1n],
        retire: [rig.id],
        arm: [rig.id, ruleId(rig.rule), ...NO_ANCHOR],
        disarm: [rig.id, ruleId(rig.rule)],
        cover: [rig.target.address, [], '0x'],
      }[name];
      const payload = encodeFunctionData({
        abi: rig.registry.abi,
        functionName: name,
        args: args as never,
      });
      await hostile.write.prepare([REENTER, payload]);
      await hostile.write.relay([rig.registry.address, [call]]);
      assert.equal(await hostile.read.reentered(), false);
      assert.equal(await hostile.read.answer(), REENTERED);
      assert.equal(await rig.target.read.rung(), 3);
    });

  it('that supplies too little gas has no effect at all', async () => {
    const rig = await freshHostile();
    const before = await rig.registry.read.coverage([rig.id]);
    const { verdict, certificate } = await submission(rig, rig.id);
    for (const gas of [60_000n, 150_000n, 250_000n, 700_000n, 1_150_000n, 1_400_000n]) {
      await assert.rejects(
        rig.registry.write.submit([verdict, certificate], { gas, account: rig.submitter.account }),
      );
      assert.deepEqual(await rig.registry.read.coverage([rig.id]), before);
      assert.equal((await rig.registry.read.ruleState([rig.id, verdict.ruleId])).lastHeight, 0);
      assert.equal(await rig.hostile.read.rung(), 0);
    }
    await rig.registry.write.submit([verdict, certificate], {
      gas: 1_700_000n,
      account: rig.submitter.account,
    });
    assert.ok((await rig.hostile.read.gasGiven()) > 970_000n);
  });

  it('that pads its arguments is not paid for the padding', async () => {
    const rig = await fresh();
    const { call } = await submission(rig, rig.id);
    const hash = await rig.submitter.sendTransaction({
      to: rig.registry.address,
      data: `${call}${'00'.repeat(20_000)}`,
    });
    const { refund, cost } = await refundOf(rig, hash);
    assert.ok(refund < (cost * 80n) / 100n);
  });

  it('gladly takes its refund as a contract', async () => {
    const rig = await fresh();
    const relay = await viem.deployContract('HostileSubmitter');
    await relay.write.prepare([GLADLY, '0x']);
    const { call } = await submission(rig, rig.id);
    const { refund } = await refundOf(rig, await relay.write.relay([rig.registry.address, [call]]));
    assert.equal(await rig.client.getBalance({ address: relay.address }), refund);
  });
});

describe('a hostile target under coverage', () => {
  for (const name of ['submit', 'release', 'end', 'retire', 'defund', 'fund'] as const)
    it(`cannot enter ${name} again while it is tripped`, async () => {
      const rig = await freshHostile();
      const { verdict, certificate } = await submission(rig, rig.id);
      const args = {
        submit: [verdict, certificate],
        release: [rig.id, 3],
        end: [rig.id],
        retire: [rig.id],
        defund: [rig.id, 1n],
        fund: [rig.id],
      }[name];
      const payload = encodeFunctionData({
        abi: rig.registry.abi,
        functionName: name,
        args: args as never,
      });
      await rig.hostile.write.aim([rig.registry.address, payload]);
      await rig.hostile.write.behave([way('reenter'), way('honest'), way('honest')]);
      await rig.registry.write.submit([verdict, certificate], { account: rig.submitter.account });
      assert.equal(await rig.hostile.read.reentered(), false);
      assert.equal(await rig.hostile.read.answer(), REENTERED);
    });
});
