import assert from 'node:assert/strict';
import hre from 'hardhat';
import { getAddress, type Hex } from 'viem';
import { reverts } from './revert.ts';
import { type G1Words, type G2Words, keyAt, provePossession } from './bls.ts';
import { deployCommittee, TOKEN } from './committee.ts';

/** What these tests' watchers stake. */
export const STAKE = 5n * TOKEN;

/** Watchers over a token still to be chosen, and a whole registration with it. */
export const openToken = async () => {
  const connection = await hre.network.create();
  const { viem, networkHelpers } = connection;
  const [wallet] = await viem.getWalletClients();
  assert.ok(wallet);
  const operator = wallet.account.address;
  const deploy = async (token: Hex) => {
    const { watchers } = await deployCommittee(connection, { token });
    const message = await watchers.read.possessionMessage([operator, keyAt(0).hash]);
    const possession = provePossession(message, keyAt(0));
    const args = [STAKE, keyAt(0).words, possession, operator, operator] as const;
    return { watchers, args };
  };
  return { connection, viem, networkHelpers, operator, deploy };
};

/** Watchers over a token that calls back, and a staker's whole registration. */
export const openReentrant = async () => {
  const { viem, networkHelpers, operator, deploy } = await openToken();
  const token = await viem.deployContract('ReentrantToken');
  const { watchers, args } = await deploy(token.address);
  await token.write.mint([operator, STAKE]);
  await token.write.approve([watchers.address, STAKE]);
  return { networkHelpers, token, watchers, args };
};

/** Watchers, and two accounts who may join them. */
export const openWatchers = async () => {
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
type Opened = Awaited<ReturnType<typeof openWatchers>>;

/** A call of an operator's that nobody else may make. */
export const refusesStrangers = (
  title: string,
  call: (watchers: Opened['watchers'], stranger: Opened['bob']) => Promise<Hex>,
) =>
  it(title, async () => {
    const { watchers, bob } = await openWatchers();
    await reverts(call(watchers, bob), watchers, 'NotRegistered', getAddress(bob.address));
  });

type Registration = {
  readonly account: Hex;
  readonly stake: bigint;
  readonly key: G2Words;
  readonly possession: G1Words;
  readonly submitter: Hex;
  readonly payout: Hex;
};
