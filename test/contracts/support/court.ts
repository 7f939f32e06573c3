import {
  encodeAbiParameters,
  type Hex,
  keccak256,
  parseAbiParameters,
  toHex,
  zeroHash,
} from 'viem';
import { type Key, provePossession } from './bls.ts';
import { openRegistry } from './coverage.ts';
import { deployRegistry, type Rig, type Wallet } from './registry.ts';

const SALT = keccak256(toHex('salt'));
/** The judge that believes what it is told: after the judge of equivocation. */
export const TRUSTING = 1n;

/** Commits to evidence and reveals it a block later. */
export const accuse = async (
  rig: Pick<Rig, 'court' | 'stranger'>,
  kind: bigint,
  evidence: Hex,
  { account }: Wallet = rig.stranger,
) => {
  const words = [kind, evidence, SALT] as const;
  const commitment = await rig.court.read.commitmentOf([account.address, ...words]);
  await rig.court.write.commit([commitment], { account });
  return rig.court.write.reveal(words, { account });
};

/** A trip that a lie has made. */
export type Landed = Readonly<{ coverageId: Hex; rung: number; trippedAt: bigint; end: bigint }>;
/** A trip of a coverage that nobody knows. */
export const SOMEWHERE: Landed = { coverageId: SALT, rung: 3, trippedAt: 1n, end: 2n };

/** Evidence that the trusting judge takes: the seats of these numbers, and what they have tripped. */
export const offence = (
  epoch: bigint,
  seats: readonly number[],
  landed: Landed = { coverageId: zeroHash, rung: 0, trippedAt: 0n, end: 0n },
): Hex =>
  encodeAbiParameters(
    parseAbiParameters([
      'Offence offence',
      'struct Offence { uint64 epoch; uint256[2] seats; bytes32 coverageId; uint8 rung; uint64 trippedAt; uint64 end; }',
    ]),
    [{ epoch, seats: wordsOf(seats), ...landed }],
  );

/** A slash as the court's event tells it. */
export const slashOf = async ({ court }: Pick<Rig, 'court'>, slashId: bigint) => {
  const [told] = await court.getEvents.Upheld({ slashId }, { fromBlock: 0n });
  const { epoch, landed, challenger, seats } = told!.args;
  return { epoch: epoch!, landed: landed!, challenger: challenger!, seats: seats! };
};

/** A bitmap of seats. */
export const wordsOf = (seats: readonly number[]): [bigint, bigint] => {
  const words: [bigint, bigint] = [0n, 0n];
  for (const seat of seats)
    words[seat >> 8] = (words[seat >> 8] ?? 0n) | (1n << BigInt(seat & 255));
  return words;
};

/** A registry whose court has a judge that believes what it is told; seat i is account i + 1. */
export const openCourt = async () => {
  const { connection, viem, networkHelpers } = await openRegistry();
  const deploy = async () => {
    const trusting = await viem.deployContract('TrustingJudge');
    return deployRegistry(connection, { judges: [trusting.address] });
  };
  const wallets = await viem.getWalletClients();
  /** The account in a seat. */
  const operatorOf = (seat: number): Wallet => {
    const wallet = wallets[seat + 1];
    if (!wallet) throw new RangeError(`seat ${seat}`);
    return wallet;
  };
  const convict = async (rig: Rig, seats: readonly number[], landed?: Landed) =>
    accuse(rig, TRUSTING, offence(rig.epoch, seats, landed));
  /** Charges every seat of the slash that is next. */
  const enforce = async (rig: Rig) => {
    const [slashId] = await rig.court.read.cursor();
    return rig.court.write.enforce([slashId, await slashOf(rig, slashId), 512n]);
  };
  /** Gives the watcher in a seat another key, with a page. */
  const rotate = async ({ watchers, committee }: Rig, seat: number, key: Key) => {
    const { account } = operatorOf(seat);
    const message = await watchers.read.possessionMessage([account.address, key.hash]);
    await watchers.write.rotateKey([key.words, provePossession(message, key)], { account });
    await committee.write.writePage([key.raw, []]);
  };
  const fresh = () => networkHelpers.loadFixture(deploy);
  return { connection, viem, networkHelpers, operatorOf, convict, enforce, rotate, fresh };
};
