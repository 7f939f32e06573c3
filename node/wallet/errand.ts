import type { Hex } from 'viem';
import type { Pending } from '../store/pending.ts';
import type { Call, Sender, Sent } from './sender.ts';

/** Transactions that are in no hurry, one at a time: its nonce is known again after a crash. */
export type Errand = Awaited<ReturnType<typeof createErrand>>;

/** Blocks after which a transaction that is not mined is sent again. */
const PATIENCE = 4n;

/** The nonce that an earlier run has taken is held before anything else can take it. */
export async function createErrand(sender: Sender, pending: Pending) {
  let sent: { at: bigint; transaction: Sent } | null = null;
  let made: readonly Hex[] = [];
  const former = await pending.get();
  if (former !== null) {
    sender.hold(former);
    // Sent long ago.
    sent = { at: -PATIENCE, transaction: former };
    made = [former.hash];
  }

  /** Remembered before it is handed over: when the answer is lost it may be on its way all the same. */
  const put = async (call: Call, transaction: Sent, height: bigint) => {
    await pending.set(transaction);
    sent = { at: height, transaction };
    made = [...made, transaction.hash];
    return sender.broadcast(call, transaction);
  };

  const begin = async (call: Call, transaction: Sent, height: bigint) => {
    try {
      return await put(call, transaction, height);
    } catch (error) {
      // What could not be remembered was not sent either.
      if (sent?.transaction !== transaction) sender.forget(transaction);
      throw error;
    }
  };

  const forget = async (transaction: Sent): Promise<void> => {
    await pending.set(null);
    sender.forget(transaction);
    sent = null;
  };

  return {
    isFree: () => sent === null,
    /** All that was made of the newest call: any of them may be the one that is mined. */
    transactions: () => made,

    /**
     * Looks after what was sent: true while it waits. Where its call, null, is of no use any more its nonce is taken
     * back.
     */
    isWaiting: async (call: Call | null, height: bigint): Promise<boolean> => {
      if (sent === null) return false;
      const { transaction } = sent;
      if ((await sender.isMined(transaction)) || (await sender.isStranded(transaction))) {
        await forget(transaction);
        return false;
      }
      const what = call ?? sender.nothing;
      if (height >= sent.at + PATIENCE)
        await put(what, await sender.raise(what, transaction), height);
      return true;
    },

    /** Sends a call while nothing waits; null where the account cannot pay for all of its gas. */
    send: async (call: Call, height: bigint): Promise<Hex | null> => {
      made = [];
      const transaction = await sender.prepare(call, await sender.fees(call.gas));
      if ((await begin(call, transaction, height)) !== 'unfunded') return transaction.hash;
      // No pool holds it: the nonce is for what can be paid.
      await forget(transaction);
      return null;
    },
  };
}
