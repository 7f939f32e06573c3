import assert from 'node:assert/strict';
import { encodeErrorResult, encodeFunctionData, getAddress, type Hex, parseEventLogs } from 'viem';
import { breakerHubAbi } from '../../protocol/abi.ts';
import { openRegistry } from './support/coverage.ts';
import { GLADLY, way } from './support/hostile.ts';
import { type Rig, submission } from './support/registry.ts';

const { viem, networkHelpers, hostile: fresh } = await openRegistry();
const { revertWithCustomErrorWithArgs: reverts } = viem.assertions;

const GAS = 5_000_000n;

const failureOf = async ({ client, registry }: Rig, hash: Hex) => {
  const { logs, gasUsed, blockNumber } = await client.getTransactionReceipt({ hash });
  const { baseFeePerGas } = await client.getBlock({ blockNumber });
  assert.deepEqual(parseEventLogs({ abi: registry.abi, eventName: 'Incident', logs }), []);
  const [found] = parseEventLogs({ abi: registry.abi, eventName: 'TargetFailed', logs });
  assert.ok(found !== undefined);
  return { ...found.args, cost: gasUsed * (baseFeePerGas ?? 0n) };
};

/** Blocks after which a failure is paid for again. */
const AGAIN = 32;

/** A coverage whose target fails as told, and a certificate for it. */
const failing = async (tripped: Parameters<typeof way>[0], asked: Parameters<typeof way>[0]) => {
  const rig = await fresh();
  await rig.hostile.write.behave([way(tripped), way(asked), way('honest')]);
  const prepared = await submission(rig, rig.id);
  const submit = () =>
    rig.registry.write.submit([made.verdict, made.certificate], {
      gas: GAS,
      account: rig.submitter.account,
    });
  const made = { ...rig, ...prepared, submit };
  return made;
};

describe('a target that fails', () => {
  for (const [tripped, asked, errorName] of [
    ['revert', 'honest', 'TripFailed'],
    ['burn', 'honest', 'TripFailed'],
    ['idle', 'honest', 'TripHadNoEffect'],
    ['honest', 'idle', 'TripHadNoEffect'],
    ['honest', 'bomb', 'TripHadNoEffect'],
    ['honest', 'nonsense', 'TripHadNoEffect'],
    ['honest', 'burn', 'TripHadNoEffect'],
  ] as const)
    it(`${tripped} when tripped and ${asked} when asked, is paid for by its owner and trips nothing`, async () => {
      const rig = await failing(tripped, asked);
      const address = getAddress(rig.hostile.address);
      const before = await rig.registry.read.coverage([rig.id]);
      const { submitter, refund, cost, failure, digest } = await failureOf(rig, await rig.submit());
      const args = errorName === 'TripFailed' ? [address, 3] : [address, 3, 0];
      assert.equal(
        failure,
        encodeErrorResult({ abi: breakerHubAbi, errorName, args: args as never }),
      );
      assert.equal(submitter, getAddress(rig.submitter.account.address));
      assert.equal(digest, await rig.registry.read.digest([rig.verdict]));
      assert.ok(refund <= cost && refund * 100n >= cost * 97n, `${refund} of ${cost}`);
      const after = await rig.registry.read.coverage([rig.id]);
      assert.deepEqual(after, { ...before, escrow: before.escrow - refund });
      assert.equal(await rig.hub.read.rungOf([address]), 0);
      const { lastHeight } = await rig.registry.read.ruleState([rig.id, rig.verdict.ruleId]);
      assert.equal(lastHeight, 0);
    });

  it('does not spend the verdict: it trips once the target works', async () => {
    const rig = await failing('revert', 'honest');
    await rig.submit();
    await rig.hostile.write.behave([way('honest'), way('honest'), way('honest')]);
    await rig.submit();
    assert.equal(await rig.hub.read.rungOf([rig.hostile.address]), 3);
  });

  it('is answered with zero, so that a simulation tells', async () => {
    const rig = await failing('revert', 'honest');
    const args = [rig.verdict, rig.certificate] as const;
    const { address, abi } = rig.registry;
    const simulate = () =>
      rig.client.simulateContract({
        address,
        abi,
        functionName: 'submit',
        args,
        gas: GAS,
        account: rig.submitter.account.address,
        blockTag: 'pending',
      });
    assert.equal((await simulate()).result, 0n);
    await rig.hostile.write.behave([way('honest'), way('honest'), way('honest')]);
    const { result } = await simulate();
    assert.ok(result > BigInt(await networkHelpers.time.latest()));
  });

  it('is paid for once in 32 blocks', async () => {
    const rig = await failing('revert', 'honest');
    const address = getAddress(rig.hostile.address);
    await failureOf(rig, await rig.submit());
    const height = await rig.client.getBlockNumber();
    assert.equal(await rig.registry.read.failedAt([rig.id]), height);
    await reverts(rig.submit(), rig.hub, 'TripFailed', [address, 3]);
    await networkHelpers.mine(AGAIN - 3);
    Object.assign(rig, await submission(rig, rig.id));
    await reverts(rig.submit(), rig.hub, 'TripFailed', [address, 3]);
    await failureOf(rig, await rig.submit());
    assert.equal(await rig.registry.read.failedAt([rig.id]), height + BigInt(AGAIN));
  });

  it('takes no more than the escrow', async () => {
    const rig = await failing('burn', 'honest');
    let left = (await rig.registry.read.coverage([rig.id])).escrow;
    for (let i = 0; left > 0n; i++) {
      assert.ok(i < 60, `${left} left`);
      await rig.client.request({
        method: 'hardhat_setNextBlockBaseFeePerGas',
        params: ['0x1d1a94a2000'],
      } as never);
      const { refund } = await failureOf(rig, await submitDearly(rig));
      assert.ok(refund <= left);
      left -= refund;
      await networkHelpers.mine(AGAIN);
      Object.assign(rig, await submission(rig, rig.id));
    }
    assert.equal((await rig.registry.read.coverage([rig.id])).escrow, 0n);
  });
});

/** At a base fee of 2,000 gwei. */
const submitDearly = ({
  registry,
  submitter,
  verdict,
  certificate,
}: Awaited<ReturnType<typeof failing>>) =>
  registry.write.submit([verdict, certificate], {
    gas: GAS,
    account: submitter.account,
    maxFeePerGas: 4_000_000_000_000n,
  });

describe('a caller who could have made the target fail', () => {
  it('a contract, is not paid', async () => {
    const rig = await failing('revert', 'honest');
    const relay = await viem.deployContract('HostileSubmitter');
    await relay.write.prepare([GLADLY, '0x']);
    await reverts(
      relay.write.relay([rig.registry.address, [rig.call]], { gas: GAS }),
      rig.hub,
      'TripFailed',
      [getAddress(rig.hostile.address), 3],
    );
  });

  it('an account with delegated code, is not paid, though it starts the transaction', async () => {
    const rig = await failing('revert', 'honest');
    const relay = await viem.deployContract('HostileSubmitter');
    const { account } = rig.submitter;
    // EIP-7702: what such an account's code looks like.
    await networkHelpers.setCode(account.address, `0xef0100${relay.address.slice(2)}`);
    await reverts(rig.submit(), rig.hub, 'TripFailed', [getAddress(rig.hostile.address), 3]);
    const data = encodeFunctionData({
      abi: relay.abi,
      functionName: 'relay',
      args: [rig.registry.address, [rig.call]],
    });
    await reverts(
      rig.submitter.sendTransaction({ to: account.address, data, gas: GAS }),
      rig.hub,
      'TripFailed',
      [getAddress(rig.hostile.address), 3],
    );
  });

  it('that leaves too little gas is not paid', async () => {
    const rig = await failing('burn', 'honest');
    await assert.rejects(
      rig.registry.write.submit([rig.verdict, rig.certificate], {
        gas: 1_400_000n,
        account: rig.submitter.account,
      }),
      /GasShort/,
    );
  });
});
