import { type Hex, keccak256, type LocalAccount, parseGwei, type PublicClient } from 'viem';
import { createLock } from '../lib/lock.ts';

/** A call of a contract; `gas` is the whole transaction's limit. */
export type Call = Readonly<{ to: Hex; data: Hex; gas: bigint }>;

/** A transaction on its way. */
export type Sent = Readonly<{
  hash: Hex;
  nonce: number;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}>;

/** Sends transactions of one account, one nonce each. */
export type Sender = Readonly<{
  address: Hex;
  send: (call: Call) => Promise<Sent>;
  /** The same nonce at a higher fee. */
  replace: (call: Call, sent: Sent) => Promise<Sent>;
  /** Gives the nonce free: it was mined, or nobody waits for it any more. */
  forget: (sent: Sent) => void;
}>;

/** The registry refunds at most this tip. */
const TIP = parseGwei('2');

/** EIP-1559 transactions signed by the hot key; nonces are taken under a lock. */
export function createSender({
  client,
  account,
  chainId,
}: {
  client: PublicClient;
  account: LocalAccount;
  chainId: number;
}): Sender {
  const waiting = new Set<number>();
  const locked = createLock();

  const freeNonce = async () => {
    let nonce = await client.getTransactionCount({ address: account.address, blockTag: 'pending' });
    // A provider that lags does not count what was sent a moment ago.
    while (waiting.has(nonce)) nonce++;
    return nonce;
  };

  const broadcast = async ({ to, data, gas }: Call, fees: Omit<Sent, 'hash'>): Promise<Sent> => {
    const signed = await account.signTransaction({
      type: 'eip1559',
      chainId,
      to,
      data,
      gas,
      value: 0n,
      ...fees,
    });
    await client.sendRawTransaction({ serializedTransaction: signed }).catch((error: unknown) => {
      if (!isKnown(error)) throw error;
    });
    return { ...fees, hash: keccak256(signed) };
  };

  return {
    address: account.address,
    send: (call) =>
      locked(async () => {
        const [nonce, { baseFeePerGas }] = await Promise.all([
          freeNonce(),
          client.getBlock({ blockTag: 'latest' }),
        ]);
        const sent = await broadcast(call, {
          nonce,
          maxPriorityFeePerGas: TIP,
          maxFeePerGas: 2n * (baseFeePerGas ?? 0n) + TIP,
        });
        waiting.add(nonce);
        return sent;
      }),
    replace: (call, { nonce, maxFeePerGas, maxPriorityFeePerGas }) =>
      locked(() =>
        broadcast(call, {
          nonce,
          maxFeePerGas: bumped(maxFeePerGas),
          maxPriorityFeePerGas: bumped(maxPriorityFeePerGas),
        }),
      ),
    forget: ({ nonce }) => void waiting.delete(nonce),
  };
}

/** One eighth more, rounded up: the least by which a pool lets a transaction replace another. */
const bumped = (fee: bigint) => (fee * 9n + 7n) / 8n;

const isKnown = (error: unknown) =>
  error instanceof Error && /already (known|imported)|known transaction/i.test(error.message);
