import assert from 'node:assert/strict';
import hre from 'hardhat';
import { encodeFunctionData, getAddress, type Hex, keccak256, zeroAddress } from 'viem';
import { type G1Words, type G2Words, keyAt, provePossession, signDigest } from './support/bls.ts';
import { deployCommittee, registerWatcher, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { outsideSubgroupG2 } from './support/subgroup.ts';

const PAIRING = getAddress(`0x${'0f'.padStart(40, '0')}`);
const STAKE = 5n * TOKEN;
const tokens = ['FeeToken', 'SilentToken', 'RefusingToken', 'ReentrantToken'] as const;

const open = async () => {
  const connection = await hre.network.create();
  const { viem } = connection;
  const { token, watchers } = await deployCommittee(connection);
  const [, first, second] = await viem.getWalletClients();
  assert.ok(first && second);
  const alice = first.account;
  const bob = second.account;
  for (const { address } of [alice, bob]) {
    await token.write.mint([address, 2_000n * TOKEN]);
    await token.write.approve([watchers.address, 2_000n * TOKEN], { account: address });
  }
  const prove = async (operator: Hex, key = keyAt(0)) =>
    provePossession(await watchers.read.possessionMessage([operator, key.hash]), key);
  /** Registers alice under key 0 with whatever is changed. */
  const register = async (changed: Partial<Registration> = {}) => {
    const { account, stake, key, possession, submitter, payout } = {
      account: alice.address,
      stake: STAKE,
      key: keyAt(0).words,
      possession: await prove(changed.account ?? alice.address),
      submitter: alice.address,
      payout: alice.address,
      ...changed,
    };
    return watchers.write.register([stake, key, possession, submitter, payout], { account });
  };
  return { connection, viem, token, watchers, alice, bob, prove, register };
};
type Registration = {
  readonly account: Hex;
  readonly stake: bigint;
  readonly key: G2Words;
  readonly possession: G1Words;
  readonly submitter: Hex;
  readonly payout: Hex;
};

describe('Watchers at construction', () => {
  for (const [what, changed] of [
    ['no smallest stake', { minStake: 0n }],
    ['a largest stake below the smallest', { maxStake: TOKEN - 1n }],
    ['no unit of weight', { weightUnit: 0n }],
    ['weights past 32 bits', { maxStake: 2n ** 32n * TOKEN }],
    ['rosters without life', { rosterLife: 0n }],
    ['certificates without age', { certificateAge: 0n }],
    ['no time for disputes', { disputeWindow: 0n }],
    ['an exit before the last dispute can end', { exitDelay: 10n * 86_400n + 3_599n }],
    ['durations that overflow', { rosterLife: 2n ** 64n - 1n }],
  ] as const)
    it(`refuse ${what}`, async () => {
      const { viem } = await hre.network.create();
      const token = await viem.deployContract('TestToken');
      const watchers = await viem.deployContract('Watchers', [token.address, settings]);
      const wrong = { ...settings, ...changed };
      const deployment = viem.deployContract('Watchers', [token.address, wrong]);
      await reverts(deployment, watchers, 'SettingsInvalid', wrong);
    });

  it('refuse a token without code', async () => {
    const { viem, watchers } = await open();
    const nobody = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const deployment = viem.deployContract('Watchers', [nobody, settings]);
    await reverts(deployment, watchers, 'TokenWithoutCode', nobody);
  });

  it('take the shortest exit that outlives every dispute, and tell what they were given', async () => {
    const { viem } = await hre.network.create();
    const token = await viem.deployContract('TestToken');
    const shortest = { ...settings, exitDelay: 10n * 86_400n + 3_600n };
    const watchers = await viem.deployContract('Watchers', [token.address, shortest]);
    assert.deepEqual(await watchers.read.settings(), shortest);
    assert.equal(await watchers.read.token(), getAddress(token.address));
  });
});

describe('Watchers.register', () => {
  it('takes the stake and binds the key, the submitter and the payout address', async () => {
    const { viem, token, watchers, alice, bob, register } = await open();
    const key = keyAt(0);
    const [operator, submitter] = [alice.address, bob.address].map((a) => getAddress(a));
    const balance = await token.read.balanceOf([alice.address]);
    await viem.assertions.emitWithArgs(
      register({ submitter: bob.address, payout: bob.address }),
      watchers,
      'Registered',
      [operator, key.hash, submitter, submitter, STAKE, key.raw],
    );
    assert.deepEqual(await watchers.read.watcher([alice.address]), {
      submitter,
      exitAt: 0n,
      weight: 5,
      payout: submitter,
      keyHash: key.hash,
    });
    assert.equal(await watchers.read.operatorOfKey([key.hash]), operator);
    assert.equal(await watchers.read.operatorOfSubmitter([bob.address]), operator);
    assert.equal(await watchers.read.activeWeight([key.hash]), 5);
    assert.equal(await token.read.balanceOf([watchers.address]), STAKE);
    assert.equal(await token.read.balanceOf([alice.address]), balance - STAKE);
  });

  it('takes the smallest and the largest stake, and nothing outside', async () => {
    const { watchers, bob, prove, register } = await open();
    const { minStake, maxStake } = settings;
    for (const stake of [0n, minStake - 1n, maxStake + 1n, maxStake + TOKEN])
      await reverts(register({ stake }), watchers, 'StakeOutOfRange', stake, minStake, maxStake);
    await register({ stake: minStake });
    const possession = await prove(bob.address, keyAt(1));
    const key = keyAt(1).words;
    const [account, submitter] = [bob.address, bob.address];
    await register({ account, submitter, key, possession, stake: maxStake });
  });

  it('refuses a stake that is not a whole multiple of the unit', async () => {
    const { watchers, register } = await open();
    const stake = STAKE + 1n;
    await reverts(register({ stake }), watchers, 'StakeNotWhole', stake, TOKEN);
  });

  it('refuses a second registration of an operator', async () => {
    const { watchers, alice, bob, prove, register } = await open();
    await register();
    const again = register({
      key: keyAt(1).words,
      possession: await prove(alice.address, keyAt(1)),
      submitter: bob.address,
    });
    await reverts(again, watchers, 'AlreadyRegistered', getAddress(alice.address));
  });

  it('refuses a key or a submitter that another watcher has', async () => {
    const { watchers, alice, bob, prove, register } = await open();
    await register();
    const account = bob.address;
    const sameKey = register({ account, submitter: account });
    await reverts(sameKey, watchers, 'KeyTaken', keyAt(0).hash);
    const possession = await prove(account, keyAt(1));
    const sameSubmitter = register({ account, key: keyAt(1).words, possession });
    await reverts(sameSubmitter, watchers, 'SubmitterTaken', getAddress(alice.address));
  });

  it('refuses the zero address as submitter or payout', async () => {
    const { watchers, register } = await open();
    await reverts(register({ submitter: zeroAddress }), watchers, 'AddressIsZero');
    await reverts(register({ payout: zeroAddress }), watchers, 'AddressIsZero');
  });

  it('refuses the key at infinity, for which no signature is a proof', async () => {
    const { watchers, register } = await open();
    const key = [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] as const;
    const possession = [0n, 0n, 0n, 0n] as const;
    await reverts(register({ key, possession }), watchers, 'KeyIsInfinity');
  });

  it('refuses a key off its curve, outside its subgroup or not in its one encoding', async () => {
    const { watchers, register } = await open();
    const [a, b, c, d, e, f, g, h] = keyAt(0).words;
    const keys: readonly G2Words[] = [
      [a, b, c, d, e, f, g, h ^ 1n],
      [a | (1n << 128n), b, c, d, e, f, g, h],
      [c, d, a, b, g, h, e, f],
      outsideSubgroupG2(),
    ];
    for (const key of keys)
      await reverts(register({ key }), watchers, 'PrecompileFailed', PAIRING);
  });

  it('refuses a proof for another operator, contract, key or purpose', async () => {
    const { viem, token, watchers, alice, bob, prove, register } = await open();
    const elsewhere = await viem.deployContract('Watchers', [token.address, settings]);
    const key = keyAt(0);
    const message = await watchers.read.possessionMessage([alice.address, key.hash]);
    const there = await elsewhere.read.possessionMessage([alice.address, key.hash]);
    const proofs = [
      await prove(bob.address),
      provePossession(there, key),
      provePossession(message, keyAt(1)),
      signDigest(message, [key]),
      [0n, 0n, 0n, 0n] as const,
    ];
    for (const possession of proofs)
      await reverts(register({ possession }), watchers, 'PossessionUnproven', key.hash);
  });

  it('refuses a proof for another chain', async () => {
    const { watchers, alice, register } = await open();
    const { viem } = await hre.network.create({ override: { chainId: 99 } });
    const token = await viem.deployContract('TestToken');
    const twin = await viem.deployContract('Watchers', [token.address, settings]);
    assert.equal(twin.address, watchers.address);
    const there = await twin.read.possessionMessage([alice.address, keyAt(0).hash]);
    const possession = provePossession(there, keyAt(0));
    await reverts(register({ possession }), watchers, 'PossessionUnproven', keyAt(0).hash);
  });

  it('measures what a token really brings', async () => {
    const { viem } = await hre.network.create();
    for (const name of tokens) {
      const token = await viem.deployContract(name);
      const watchers = await viem.deployContract('Watchers', [token.address, settings]);
      const [wallet] = await viem.getWalletClients();
      assert.ok(wallet);
      const operator = wallet.account.address;
      const message = await watchers.read.possessionMessage([operator, keyAt(0).hash]);
      const possession = provePossession(message, keyAt(0));
      const args = [STAKE, keyAt(0).words, possession, operator, operator] as const;
      if (name !== 'RefusingToken') await token.write.mint([operator, STAKE]);
      if (name === 'FeeToken' || name === 'ReentrantToken')
        await token.write.approve([watchers.address, STAKE]);
      if (name === 'ReentrantToken') {
        const again = encodeFunctionData({ abi: watchers.abi, functionName: 'register', args });
        await token.write.arm([again]);
      }
      const call = watchers.write.register(args);
      if (name === 'FeeToken')
        await reverts(call, watchers, 'StakeNotReceived', STAKE, (STAKE * 99n) / 100n);
      if (name === 'RefusingToken') {
        const refused = getAddress(token.address);
        await reverts(call, watchers, 'SafeERC20FailedOperation', refused);
      }
      if (name === 'ReentrantToken')
        await reverts(call, watchers, 'ReentrancyGuardReentrantCall');
      if (name === 'SilentToken') await call;
    }
  });
});

describe('Watchers.changeSubmitter and changePayout', () => {
  it('move a submitter and free the old one', async () => {
    const { viem, watchers, alice, bob, register } = await open();
    await register();
    const [operator, submitter] = [getAddress(alice.address), getAddress(bob.address)];
    const change = watchers.write.changeSubmitter([submitter], { account: alice });
    await viem.assertions.emitWithArgs(change, watchers, 'SubmitterChanged', [operator, submitter]);
    assert.equal((await watchers.read.watcher([operator])).submitter, submitter);
    assert.equal(await watchers.read.operatorOfSubmitter([submitter]), operator);
    assert.equal(await watchers.read.operatorOfSubmitter([operator]), zeroAddress);
  });

  it('refuse a submitter that is taken or zero', async () => {
    const { watchers, alice, register } = await open();
    await register();
    const own = getAddress(alice.address);
    const taken = watchers.write.changeSubmitter([own], { account: alice });
    await reverts(taken, watchers, 'SubmitterTaken', own);
    const zero = watchers.write.changeSubmitter([zeroAddress], { account: alice });
    await reverts(zero, watchers, 'AddressIsZero');
  });

  it('move a payout address, but not to zero', async () => {
    const { viem, watchers, alice, bob, register } = await open();
    await register();
    const [operator, payout] = [getAddress(alice.address), getAddress(bob.address)];
    const change = watchers.write.changePayout([payout], { account: alice });
    await viem.assertions.emitWithArgs(change, watchers, 'PayoutChanged', [operator, payout]);
    assert.equal((await watchers.read.watcher([operator])).payout, payout);
    const zero = watchers.write.changePayout([zeroAddress], { account: alice });
    await reverts(zero, watchers, 'AddressIsZero');
  });

  it('are for registered operators, as is leaving', async () => {
    const { watchers, bob } = await open();
    const stranger = getAddress(bob.address);
    const calls = [
      watchers.write.changeSubmitter([stranger], { account: bob }),
      watchers.write.changePayout([stranger], { account: bob }),
      watchers.write.requestExit({ account: bob }),
      watchers.write.withdraw({ account: bob }),
    ];
    for (const call of calls) await reverts(call, watchers, 'NotRegistered', stranger);
  });
});

describe('Watchers.requestExit and withdraw', () => {
  it('take a leaver out of the next roster at once and hold the stake until the end of the queue', async () => {
    const { connection, viem, token, watchers, alice, bob, register } = await open();
    const { time } = connection.networkHelpers;
    await register({ payout: bob.address });
    const operator = getAddress(alice.address);
    const locked = watchers.write.withdraw({ account: alice });
    await reverts(locked, watchers, 'StakeLocked', 0n);

    const exitAt = BigInt(await time.latest()) + 100n + settings.exitDelay;
    await time.setNextBlockTimestamp(exitAt - settings.exitDelay);
    const exit = watchers.write.requestExit({ account: alice });
    await viem.assertions.emitWithArgs(exit, watchers, 'ExitRequested', [operator, exitAt]);
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.operatorOfKey([keyAt(0).hash]), operator);
    const again = watchers.write.requestExit({ account: alice });
    await reverts(again, watchers, 'AlreadyLeaving', operator, exitAt);

    await time.setNextBlockTimestamp(exitAt - 1n);
    const early = watchers.write.withdraw({ account: alice });
    await reverts(early, watchers, 'StakeLocked', exitAt);

    const before = await token.read.balanceOf([bob.address]);
    await time.setNextBlockTimestamp(exitAt);
    const withdrawal = watchers.write.withdraw({ account: alice });
    const payout = getAddress(bob.address);
    await viem.assertions.emitWithArgs(withdrawal, watchers, 'Withdrawn', [operator, payout, STAKE]);
    assert.equal(await token.read.balanceOf([bob.address]), before + STAKE);
    assert.equal(await token.read.balanceOf([watchers.address]), 0n);
    const twice = watchers.write.withdraw({ account: alice });
    await reverts(twice, watchers, 'NotRegistered', operator);
  });

  it('let an operator come back under a new key, never under the old one', async () => {
    const { connection, watchers, alice, prove, register } = await open();
    await register();
    await watchers.write.requestExit({ account: alice });
    await connection.networkHelpers.time.increase(settings.exitDelay);
    await watchers.write.withdraw({ account: alice });
    assert.equal(await watchers.read.operatorOfKey([keyAt(0).hash]), zeroAddress);
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.operatorOfSubmitter([alice.address]), zeroAddress);
    await reverts(register(), watchers, 'KeyTaken', keyAt(0).hash);
    const possession = await prove(alice.address, keyAt(1));
    await register({ key: keyAt(1).words, possession });
    assert.equal(await watchers.read.activeWeight([keyAt(0).hash]), 0);
    assert.equal(await watchers.read.activeWeight([keyAt(1).hash]), 5);
  });

  it('pay once to a token that calls back', async () => {
    const { viem, networkHelpers } = await hre.network.create();
    const token = await viem.deployContract('ReentrantToken');
    const watchers = await viem.deployContract('Watchers', [token.address, settings]);
    const [wallet] = await viem.getWalletClients();
    assert.ok(wallet);
    const operator = wallet.account.address;
    await token.write.mint([operator, STAKE]);
    await token.write.approve([watchers.address, STAKE]);
    const message = await watchers.read.possessionMessage([operator, keyAt(0).hash]);
    const possession = provePossession(message, keyAt(0));
    await watchers.write.register([STAKE, keyAt(0).words, possession, operator, operator]);
    await watchers.write.requestExit();
    await networkHelpers.time.increase(settings.exitDelay);
    await token.write.arm([encodeFunctionData({ abi: watchers.abi, functionName: 'withdraw' })]);
    await reverts(watchers.write.withdraw(), watchers, 'ReentrancyGuardReentrantCall');
  });

  it('leave the others alone', async () => {
    const { connection, token, watchers, alice, register } = await open();
    await register();
    await registerWatcher(connection, { token, watchers }, 3, keyAt(2), 7n * TOKEN);
    await watchers.write.requestExit({ account: alice });
    assert.equal(await watchers.read.activeWeight([keyAt(2).hash]), 7);
    assert.equal(await token.read.balanceOf([watchers.address]), STAKE + 7n * TOKEN);
    assert.equal(await watchers.read.activeWeight([keccak256('0x')]), 0);
  });
});
