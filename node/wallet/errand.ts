import type { Hex } from 'viem';
import type { Pending } from '../store/pending.ts';
import type { Call, Sender, Sent } from './sender.ts';

/** Transactions that are in no hurry, one at a time: its nonce is known again after a crash. */
export type Errand = Awaited<ReturnType<typeof createErrand>>;

/** Blocks after which a transaction that is not mined is sent again. */
const PATIENCE = 4n;
/** Blocks nothing is sent after two in a row that were mined in vain; twice as many for each that follows, up to so many. */
const FIRST_HOLD = 32n;
const LONGEST_HOLD = 512n;

/**
 * The nonce that an earlier run has taken is held before anything else can take it. A provider that lies makes calls
 * fail that succeed when simulated: what is mined in vain holds the next one back, unless it is the first, which may have
 * lost a race with another watcher; where there is an `onVain`, that decides instead.
 */
export async function createErrand(
  sender: Sender,
  pending: Pending,
  { onVain }: Readonly<{ onVain?: (height: bigint) => void }> = {},
) {
  let sent: { at: bigint; transaction: Sent } | null = null;
  /** All that was made of the newest call: any of them may be the one that is mined. */
  let made: readonly Hex[] = [];
  /** Of the newest call; null of one that an earlier run has made. */
  let to: Hex | null = null;
  /** So many in a row, and until when the next is held back. */
  let inVain = 0n;
  let heldUntil: bigint | null = null;
  const former = await pending.get();
  if (former !== null) {
    sender.hold(former);
    // Sent long ago.
    sent = { at: -PATIENCE, transaction: former };
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

  /** Who was forestalled is not to blame, nor its provider: what failed is of no use any more. */
  const learn = async (height: bigint, isWanted: boolean): Promise<void> => {
    const isVain = to !== null && (await sender.wasReverted(to, made));
    if (isVain && onVain !== undefined) return onVain(height);
    if (isVain && !isWanted) return;
    inVain = isVain ? inVain + 1n : 0n;
    const hold = inVain < 2n ? 0n : FIRST_HOLD * 2n ** (inVain - 2n);
    if (hold > 0n) heldUntil = height + (hold < LONGEST_HOLD ? hold : LONGEST_HOLD);
  };

  return {
    isFree: () => sent === null && heldUntil === null,

    /**
     * Looks after what was sent: true while it waits, or the next one is held back. Where its call, null, is of no use
     * any more its nonce is taken back.
     */
    isWaiting: async (call: Call | null, height: bigint): Promise<boolean> => {
      if (sent === null) {
        if (heldUntil !== null && height >= heldUntil) heldUntil = null;
        return heldUntil !== null;
      }
      const { transaction } = sent;
      const isMined = await sender.isMined(transaction);
      if (isMined || (await sender.isStranded(transaction))) {
        if (isMined) await learn(height, call !== null);
        await forget(transaction);
        return heldUntil !== null;
      }
      const what = call ?? sender.nothing;
      if (height >= sent.at + PATIENCE)
        await put(what, await sender.raise(what, transaction), height);
      return true;
    },

    /** Sends a call while nothing waits; null where the account cannot pay for all of its gas. */
    send: async (call: Call, height: bigint): Promise<Hex | null> => {
      [to, made] = [call.to, []];
      const transaction = await sender.prepare(call, await sender.fees(call.gas));
      if ((await begin(call, transaction, height)) !== 'unfunded') return transaction.hash;
      // No pool holds it: the nonce is for what can be paid.
      await forget(transaction);
      return null;
    },
  };
}
