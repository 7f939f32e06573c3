import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from 'viem';
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

/** Evidence that the trusting judge takes: the seats of these numbers. */
export const offence = (epoch: bigint, seats: readonly number[], landed = false): Hex =>
  encodeAbiParameters(parseAbiParameters('uint64, uint256[2], bool'), [
    epoch,
    wordsOf(seats),
    landed,
  ]);

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
  const convict = async (rig: Rig, seats: readonly number[], landed = false) =>
    accuse(rig, TRUSTING, offence(rig.epoch, seats, landed));
  /** Charges every seat of the slash that is next. */
  const enforce = async ({ court }: Rig) => {
    const [slashId, seat] = await court.read.cursor();
    return court.write.enforce([slashId, seat, 512n]);
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
