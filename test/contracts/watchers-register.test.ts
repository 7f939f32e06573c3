import assert from 'node:assert/strict';
import hre from 'hardhat';
import { encodeFunctionData, getAddress, zeroAddress } from 'viem';
import { type G2Words, keyAt, provePossession, signDigest } from './support/bls.ts';
import { deployCommittee, deployWatchers, settings, TOKEN } from './support/committee.ts';
import { reverts } from './support/revert.ts';
import { outsideSubgroupG2 } from './support/subgroup.ts';
import { openReentrant, openToken, openWatchers, STAKE } from './support/watchers.ts';

const PAIRING = getAddress(`0x${'0f'.padStart(40, '0')}`);

describe('Watchers.register', () => {
  it('takes the stake and binds the key, the submitter and the payout address', async () => {
    const { viem, token, watchers, alice, bob, register } = await openWatchers();
    const key = keyAt(0);
    const operator = getAddress(alice.address);
    const submitter = getAddress(bob.address);
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
      slashed: 0n,
      keyHash: key.hash,
    });
    assert.equal(await watchers.read.operatorOfKey([key.hash]), operator);
    assert.equal(await watchers.read.activeWeight([key.hash]), 5);
    assert.equal(await token.read.balanceOf([watchers.address]), STAKE);
    assert.equal(await token.read.balanceOf([alice.address]), balance - STAKE);
  });

  it('takes the smallest and the largest stake, and nothing outside', async () => {
    const { watchers, bob, prove, register } = await openWatchers();
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
    const { watchers, register } = await openWatchers();
    const stake = STAKE + 1n;
    await reverts(register({ stake }), watchers, 'StakeNotWhole', stake, TOKEN);
  });

  it('refuses a second registration of an operator', async () => {
    const { watchers, alice, bob, prove, register } = await openWatchers();
    await register();
    const again = register({
      key: keyAt(1).words,
      possession: await prove(alice.address, keyAt(1)),
      submitter: bob.address,
    });
    await reverts(again, watchers, 'AlreadyRegistered', getAddress(alice.address));
  });

  it('refuses a key that another watcher has, not a submitter: nobody can squat one', async () => {
    const { watchers, alice, bob, prove, register } = await openWatchers();
    await register();
    const account = bob.address;
    const sameKey = register({ account, submitter: account });
    await reverts(sameKey, watchers, 'KeyTaken', keyAt(0).hash);
    const possession = await prove(account, keyAt(1));
    await register({ account, submitter: alice.address, key: keyAt(1).words, possession });
    assert.equal((await watchers.read.watcher([bob.address])).submitter, getAddress(alice.address));
  });

  it('refuses the zero address as submitter or payout', async () => {
    const { watchers, register } = await openWatchers();
    await reverts(register({ submitter: zeroAddress }), watchers, 'AddressIsZero');
    await reverts(register({ payout: zeroAddress }), watchers, 'AddressIsZero');
  });

  it('refuses the key at infinity, for which no signature is a proof', async () => {
    const { watchers, register } = await openWatchers();
    const key = [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n] as const;
    const possession = [0n, 0n, 0n, 0n] as const;
    await reverts(register({ key, possession }), watchers, 'KeyIsInfinity');
  });

  it('refuses a key off its curve, outside its subgroup or not in its one encoding', async () => {
    const { watchers, register } = await openWatchers();
    const [a, b, c, d, e, f, g, h] = keyAt(0).words;
    const keys: readonly G2Words[] = [
      [a, b, c, d, e, f, g, h ^ 1n],
      [a | (1n << 128n), b, c, d, e, f, g, h],
      [c, d, a, b, g, h, e, f],
      outsideSubgroupG2(),
    ];
    for (const key of keys) await reverts(register({ key }), watchers, 'PrecompileFailed', PAIRING);
  });

  it('refuses a proof for another operator, contract, key or purpose', async () => {
    const { connection, token, watchers, alice, bob, prove, register } = await openWatchers();
    const elsewhere = await deployWatchers(connection, token.address);
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
    const { watchers, alice, register } = await openWatchers();
    const { watchers: twin } = await deployCommittee(
      await hre.network.create({ override: { chainId: 99 } }),
    );
    assert.equal(twin.address, watchers.address);
    const there = await twin.read.possessionMessage([alice.address, keyAt(0).hash]);
    const possession = provePossession(there, keyAt(0));
    await reverts(register({ possession }), watchers, 'PossessionUnproven', keyAt(0).hash);
  });

  it('refuses a token that brings less than it was asked', async () => {
    const { viem, operator, deploy } = await openToken();
    const token = await viem.deployContract('FeeToken');
    await token.write.setPart([2n ** 255n]);
    const { watchers, args } = await deploy(token.address);
    await token.write.setPart([100n]);
    await token.write.mint([operator, STAKE]);
    await token.write.approve([watchers.address, STAKE]);
    const call = watchers.write.register(args);
    await reverts(call, watchers, 'StakeNotReceived', STAKE, (STAKE * 99n) / 100n);
  });

  it('refuses a token that has taken back of what it holds here', async () => {
    const { viem, operator, deploy } = await openToken();
    const token = await viem.deployContract('RebasingToken');
    const { watchers, args } = await deploy(token.address);
    const [, next] = await viem.getWalletClients();
    assert.ok(next);
    await token.write.mint([operator, STAKE]);
    await token.write.approve([watchers.address, STAKE]);
    await watchers.write.register(args);
    await token.write.shrink([watchers.address, 1n]);
    const { address } = next.account;
    const message = await watchers.read.possessionMessage([address, keyAt(1).hash]);
    const second = [STAKE, keyAt(1).words, provePossession(message, keyAt(1)), address, address];
    const call = watchers.write.register(second as unknown as typeof args, {
      account: next.account,
    });
    await reverts(call, watchers, 'TokenShort', STAKE, STAKE - 1n);
  });

  it('refuses everybody until its court is there', async () => {
    const { connection, operator } = await openToken();
    const token = await connection.viem.deployContract('TestToken');
    const court = getAddress('0x00000000000000000000000000000000DeaDBeef');
    const watchers = await deployWatchers(connection, token.address, { court });
    const possession = [0n, 0n, 0n, 0n] as const;
    const call = watchers.write.register([STAKE, keyAt(0).words, possession, operator, operator]);
    await reverts(call, watchers, 'CourtWithoutCode', court);
  });

  it('refuses a token that calls back', async () => {
    const { token, watchers, args } = await openReentrant();
    await token.write.arm([
      encodeFunctionData({ abi: watchers.abi, functionName: 'register', args }),
    ]);
    await reverts(watchers.write.register(args), watchers, 'ReentrancyGuardReentrantCall');
  });

  it('takes a token that answers nothing', async () => {
    const { viem, operator, deploy } = await openToken();
    const token = await viem.deployContract('SilentToken');
    const { watchers, args } = await deploy(token.address);
    await token.write.mint([operator, STAKE]);
    await watchers.write.register(args);
    assert.equal(await token.read.balanceOf([watchers.address]), STAKE);
  });
});
