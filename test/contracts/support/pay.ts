import assert from 'node:assert/strict';
import hre from 'hardhat';
import type { NetworkConnection } from 'hardhat/types/network';
import { getAddress, type Hex, parseEventLogs } from 'viem';
import { isDue as isCalled, type Leaf, rollCallRoot, STATES } from '../../../protocol/roll-call.ts';
import type { Rule, Verdict } from '../../../protocol/types.ts';
import { evmRule, ruleId } from '../../../protocol/verdict.ts';
import type { Key } from './bls.ts';
import { openFully, passEpoch, seatWatchers, TOKEN } from './committee.ts';
import { wordsOf } from './court.ts';
import { detector } from './coverage.ts';
import {
  asOwner,
  certifyVerdict,
  coverArmed,
  deployRegistry,
  type Seating,
  trip,
  type VerdictArgs,
  type Wallet,
} from './registry.ts';
import { rollCallOf } from './roll-calls.ts';

/** Blocks and seconds that these tests deploy with. */
export const NOTICE = 64n;
export const PERIOD = 3n;
export const WINDOW = 86_400;
export const RULING = 7 * 86_400;
/** Blocks after a roll call's in which signers are added. */
export const LATE = 32n;
/** Seconds: premiums count for what trips in a later one. */
export const WEEK = 604_800n;
/** What a roll call and an incident pay when all of the weight, which is 100, has signed. */
export const PREMIUM = 1_000n * TOKEN;
export const FEE = 100n * TOKEN;
export const BOUNTY = 5_000n * TOKEN;
export const DEPOSIT = 100_000n * TOKEN;

/** A coverage of rules of class A and B that pays its watchers; seat i is account i + 1. */
export const deployPay = async (
  connection: NetworkConnection,
  {
    token,
    weights,
    seat = seatWatchers,
  }: {
    token?: Hex;
    weights?: readonly number[];
    seat?: Seating;
  } = {},
) => {
  const { viem, networkHelpers } = connection;
  const rig = await deployRegistry(connection, {
    seat:
      token === undefined
        ? seat
        : (to, weighing, options) => seatWatchers(to, weighing, { ...options, token }),
    ...(weights && { weights }),
  });
  const verifier = await viem.deployContract('QuorumVerifier');
  const terms = await viem.deployContract('TermsBook', [rig.registry.address, NOTICE]);
  const incidentBook = await viem.deployContract('IncidentBook', [rig.registry.address]);
  const parts = [terms.address, verifier.address] as const;
  const payroll = await viem.deployContract('Payroll', [...parts, PERIOD]);
  const bounties = await viem.deployContract('Bounties', [
    ...parts,
    incidentBook.address,
    WINDOW,
    RULING,
  ]);
  const replayed: Rule = { ...rig.rule, ...detector, class: 'B', rung: 2, family: 'flow' };
  const ledgers = {
    payroll: await viem.getContractAt('ILedger', payroll.address),
    bounties: await viem.getContractAt('ILedger', bounties.address),
  };
  const id = await coverArmed(rig, [rig.rule, replayed]);
  const wallets = await viem.getWalletClients();
  const [arbiter] = wallets.slice(-4) as [Wallet];
  const named = [PREMIUM, FEE, BOUNTY, arbiter.account.address] as const;
  await terms.write.name([id, ...named], asOwner(rig));
  await networkHelpers.mine(NOTICE);
  return {
    ...rig,
    verifier,
    terms,
    incidentBook,
    payroll,
    bounties,
    ledgers,
    replayed,
    id,
    arbiter,
  };
};
export type PayRig = Awaited<ReturnType<typeof deployPay>>;
type Holder = 'payroll' | 'bounties';

/** A chain on which a coverage pays its watchers out of full deposits. */
export const openPay = async () => {
  const connection = await hre.network.create();
  const { viem, networkHelpers } = connection;
  const deploy = async () => {
    const rig = await deployPay(connection);
    await fund(rig, DEPOSIT);
    await fund(rig, DEPOSIT, 'bounties');
    return rig;
  };
  const wallets = await viem.getWalletClients();
  /** The account in a seat. */
  const operatorOf = (seat: number): Wallet => {
    const wallet = wallets[seat + 1];
    if (!wallet) throw new RangeError(`seat ${seat}`);
    return wallet;
  };
  /** A key's seat is struck, and its watcher slashed, as the court would. */
  const slash = async ({ registry, watchers, court, epoch }: PayRig, seat: number, key: Key) => {
    const account = court.address;
    await networkHelpers.impersonateAccount(account);
    await networkHelpers.setBalance(account, 10n ** 18n);
    await registry.write.strike([epoch, wordsOf([seat])], { account });
    await watchers.write.slash([key.hash, TOKEN, false, false], { account });
  };
  /** Another roster, and the rig that signs as it. */
  const reopen = async (rig: PayRig, keys: readonly Key[] = rig.keys): Promise<PayRig> => {
    await passEpoch(connection);
    await openFully(connection, rig.committee.address);
    await networkHelpers.mine();
    return { ...rig, keys: [...keys], epoch: await rig.committee.read.latestEpoch() };
  };
  const fresh = () => networkHelpers.loadFixture(deploy);
  return { connection, viem, networkHelpers, operatorOf, slash, reopen, fresh };
};

/** Adds to the coverage's deposit from the stranger's pocket. */
export const fund = async (rig: PayRig, amount: bigint, to: Holder = 'payroll') => {
  const { account } = rig.stranger;
  await rig.token.write.mint([account.address, amount]);
  await rig.token.write.approve([rig[to].address, amount], { account });
  return rig.ledgers[to].write.deposit([rig.id, amount], { account });
};

/** What a roll call says when all of the coverage's rules are in one state. */
export const leavesOf = (
  { rule, replayed }: Pick<PayRig, 'rule' | 'replayed'>,
  state: number = STATES.clear,
): readonly Leaf[] => [rule, replayed].map((each) => ({ ruleId: ruleId(each), state }));

/** The coverage's roll call of the newest block, after as many blocks as it takes until one is due. */
export const callOf = async (
  rig: PayRig,
  changes: Partial<VerdictArgs> = {},
  isWanted: (hash: Hex) => boolean = (hash) => isDue(rig.id, hash),
): Promise<VerdictArgs> => {
  for (let tries = 0; tries < 100; tries++) {
    const { number, hash } = await rig.client.getBlock();
    if (isWanted(hash)) return rollCallOf(rig, number, leavesOf(rig), changes);
    await rig.connection.networkHelpers.mine();
  }
  return assert.fail('no block is due');
};

/** Whether a coverage is called at a block. */
export const isDue = (id: Hex, hash: Hex): boolean => isCalled(id, hash, PERIOD);

/** A verdict of a roll call as the payroll is given it, where it says this of the coverage's rules. */
export const bookingOf = async (
  rig: PayRig,
  verdict: VerdictArgs,
  { absent = [], leaves = leavesOf(rig) }: Saying = {},
) => {
  const said: Verdict = { ...verdict, claimsRoot: rollCallRoot(leaves) };
  const certificate = await certifyVerdict(rig, said, absent);
  const [ids, states] = [leaves.map((leaf) => leaf.ruleId), leaves.map(({ state }) => state)];
  return [said, ids, states, certificate] as const;
};
type Saying = Readonly<{ absent?: readonly number[]; leaves?: readonly Leaf[] }>;

/** Books a roll call that all seats but the absent ones have signed. */
export const book = async (
  rig: PayRig,
  { verdict, ...saying }: Saying & Readonly<{ verdict?: VerdictArgs }> = {},
) => {
  const booking = await bookingOf(rig, verdict ?? (await callOf(rig)), saying);
  return rig.payroll.write.bookRollCall(booking, { account: rig.submitter.account });
};

/** Lets the time in which signers are added to the last roll call pass. */
export const settle = ({ connection }: PayRig) => connection.networkHelpers.mine(LATE + 1n);

/** An incident as the bounties take it, from the transaction that tripped. */
export const incidentOf = async (rig: PayRig, hash: Hex) => {
  const { logs, blockNumber } = await rig.client.getTransactionReceipt({ hash });
  const { timestamp } = await rig.client.getBlock({ blockNumber });
  const [event] = parseEventLogs({ abi: rig.registry.abi, eventName: 'Incident', logs });
  assert.ok(event);
  const { digest, signers, signed, total, rung, end, verdict } = event.args;
  return { verdict, incident: { digest, signers, signed, total, rung, trippedAt: timestamp, end } };
};
export type Incident = Awaited<ReturnType<typeof incidentOf>>;

/** Books the first incident of the coverage, or one that follows `previous`. */
export const bookIncident = async (
  rig: PayRig,
  { verdict, incident }: Incident,
  rule: Rule,
  { previous = rig.id, trail = [] }: { previous?: Hex; trail?: Incident['incident'][] } = {},
) =>
  rig.bounties.write.bookIncident([verdict, previous, incident, trail, evmRule(rule)], {
    account: rig.stranger.account,
  });

/** So many trips one after the other by a rule of class B, each booked by the transaction whose hash it is. */
export const bookTrips = async (rig: PayRig, count: number, absent: readonly number[] = []) => {
  let previous = rig.id;
  const booked: Hex[] = [];
  for (let trips = 0; trips < count; trips++) {
    const landed = await incidentOf(rig, await trip(rig, rig.id, { rule: rig.replayed, absent }));
    booked.push(await bookIncident(rig, landed, rig.replayed, { previous }));
    previous = (await rig.registry.read.coverage([rig.id])).incidents;
    await endTrips(rig);
  }
  return booked;
};

/** Seconds from an incident until the next of its rung is paid. */
export const PAUSE = 6n * 3_600n;

/** Ends what is tripped; verdicts of the newest block may trip again, and are paid again. */
export const endTrips = async (rig: PayRig) => {
  await rig.registry.write.end([rig.id], asOwner(rig));
  await rig.connection.networkHelpers.time.increase(PAUSE);
};

/** Lets the time in which incidents are disputed pass. */
export const passWindow = ({ connection }: PayRig) =>
  connection.networkHelpers.time.increase(WINDOW);

/** All that is held here is a deposit, owed, a bond or a credit. */
export const requireWhole = async (rig: PayRig, from: Holder = 'payroll', others = 0n) => {
  const { deposit, owed } = await rig.ledgers[from].read.accountOf([rig.id]);
  assert.equal(await rig.token.read.balanceOf([rig[from].address]), deposit + owed + others);
};

/** What an account has. */
export const purseOf = ({ token }: PayRig, { account }: Wallet) =>
  token.read.balanceOf([getAddress(account.address)]);
