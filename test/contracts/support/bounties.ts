import { getAddress, type Hex } from 'viem';
import { bookIncident, BOUNTY, incidentOf, openPay, type PayRig } from './pay.ts';
import { trip } from './registry.ts';

/** What a seat of weight 16 is owed for an incident, and what all but seat 1 are owed together. */
export const SHARE = (BOUNTY * 16n) / 100n;
export const OWED = (BOUNTY * 84n) / 100n;

/** A chain on which a coverage pays bounties out of a full deposit. */
export const openBounties = async () => {
  const opened = await openPay();
  const addressOf = (seat: number): Hex => getAddress(opened.operatorOf(seat).account.address);
  const claim = ({ bounties, id, stranger }: PayRig, seat: number) =>
    bounties.write.claim([addressOf(seat), id, 1_000n], { account: stranger.account });
  /** A trip of class B by all but seat 1, booked. */
  const openBooked = async () => {
    const rig = await opened.fresh();
    const landed = await incidentOf(
      rig,
      await trip(rig, rig.id, { rule: rig.replayed, absent: [1] }),
    );
    await bookIncident(rig, landed, rig.replayed);
    return { ...rig, landed };
  };
  return { ...opened, addressOf, claim, openBooked };
};
