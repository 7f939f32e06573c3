import assert from 'node:assert/strict';
import hre from 'hardhat';
import type { Hex } from 'viem';
import { type G1Words, type G2Words, keyAt, provePossession } from './bls.ts';
import { deployCommittee, TOKEN } from './committee.ts';

/** What these tests' watchers stake. */
export const STAKE = 5n * TOKEN;

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
type Registration = {
  readonly account: Hex;
  readonly stake: bigint;
  readonly key: G2Words;
  readonly possession: G1Words;
  readonly submitter: Hex;
  readonly payout: Hex;
};
