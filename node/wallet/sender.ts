import {
  type Hex,
  keccak256,
  type LocalAccount,
  parseEther,
  parseGwei,
  type PublicClient,
} from 'viem';
import { createLock } from '../lib/lock.ts';

/** A call of a contract; `gas` is the whole transaction's limit. */
export type Call = Readonly<{ to: Hex; data: Hex; gas: bigint }>;

/** A bid for gas, in wei. */
export type Fees = Readonly<{ maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }>;

/** A transaction that is signed: with its call it can be made again to the byte. */
export type Sent = Fees & Readonly<{ hash: Hex; nonce: number }>;

/**
 * `late` when its nonce is taken by one that was mined, `underpriced` when another waits there or blocks cost more,
 * `unfunded` when the account cannot pay for all of its gas.
 */
export type Broadcast = 'sent' | 'late' | 'underpriced' | 'unfunded';

/** Sends transactions of one account, one nonce each. */
export type Sender = Readonly<{
  address: Hex;
  /** A call that does nothing: what takes a nonce back. */
  nothing: Call;
  /** What a transaction of this much gas would bid now, in wei. */
  fees: (gas: bigint) => Promise<Fees>;
  /** Takes the next free nonce and signs. Nobody has seen it yet, so that it can be remembered first. */
  prepare: (call: Call, bid: Fees) => Promise<Sent>;
  /** The same nonce at a higher fee, or the very same transaction where none is allowed; likewise not sent yet. */
  raise: (call: Call, sent: Sent) => Promise<Sent>;
  /** Hands over what was prepared, as often as one likes: it is the same transaction each time. */
  broadcast: (call: Call, sent: Sent) => Promise<Broadcast>;
  /** Whether some transaction with its nonce is on the chain. */
  isMined: (sent: Sent) => Promise<boolean>;
  /** Whether a nonce before it is free: it is never mined then. One that was invented by a provider, or of another account. */
  isStranded: (sent: Sent) => Promise<boolean>;
  /** Whether one of these transactions to a contract was mined in vain: a nonce may have been taken by something else. */
  wasReverted: (to: Hex, transactions: readonly Hex[]) => Promise<boolean>;
  /** Keeps the nonce of an earlier run from being taken for something else. */
  hold: (sent: Sent) => void;
  /** Gives the nonce free: it was mined, or nobody waits for it any more. */
  forget: (sent: Sent) => void;
}>;

/** The registry refunds at most this tip. */
const TIP = parseGwei('2');
/** No tip rises above this, whatever a provider says of underpricing. */
const HIGHEST_TIP = parseGwei('50');
/** What geth's default `--rpc.txfeecap` lets through, and so the most that any transaction may cost. */
const HIGHEST_COST = parseEther('1');
const TRANSFER_GAS = 21_000n;

/** What a transaction of this much gas bids first, in wei: enough for six full blocks in a row. */
export const bidOver = (baseFee: bigint, gas: bigint): Fees =>
  affordable(gas, { maxFeePerGas: 2n * baseFee + TIP, maxPriorityFeePerGas: TIP });

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

  const sign = ({ to, data, gas }: Call, fees: Omit<Sent, 'hash'>): Promise<Hex> =>
    account.signTransaction({ type: 'eip1559', chainId, to, data, gas, value: 0n, ...fees });

  const signed = async (call: Call, fees: Omit<Sent, 'hash'>): Promise<Sent> => ({
    ...fees,
    hash: keccak256(await sign(call, fees)),
  });

  const baseFee = async (): Promise<bigint> =>
    (await client.getBlock({ blockTag: 'latest' })).baseFeePerGas ?? 0n;

  return {
    address: account.address,
    nothing: { to: account.address, data: '0x', gas: TRANSFER_GAS },
    fees: async (gas) => bidOver(await baseFee(), gas),
    prepare: (call, bid) =>
      locked(async () => {
        const sent = await signed(call, { nonce: await freeNonce(), ...bid });
        waiting.add(sent.nonce);
        return sent;
      }),
    raise: async (call, { nonce, maxFeePerGas, maxPriorityFeePerGas }) => {
      const tip = least(bumped(maxPriorityFeePerGas), HIGHEST_TIP);
      const fee = most(bumped(maxFeePerGas), 2n * (await baseFee()) + tip);
      const bid = affordable(call.gas, { maxFeePerGas: fee, maxPriorityFeePerGas: tip });
      return signed(call, { nonce, ...bid });
    },
    broadcast: async (call, { nonce, maxFeePerGas, maxPriorityFeePerGas }) => {
      const fees = { nonce, maxFeePerGas, maxPriorityFeePerGas };
      const serializedTransaction = await sign(call, fees);
      return client
        .sendRawTransaction({ serializedTransaction })
        .then(() => 'sent' as const, outcomeOf);
    },
    isMined: async ({ nonce }) =>
      (await client.getTransactionCount({ address: account.address, blockTag: 'latest' })) > nonce,
    isStranded: async ({ nonce }) => {
      let free = await client.getTransactionCount({
        address: account.address,
        blockTag: 'pending',
      });
      while (free < nonce && waiting.has(free)) free++;
      return free < nonce;
    },
    wasReverted: async (to, transactions) => {
      const receipts = transactions.map((hash) =>
        client.getTransactionReceipt({ hash }).catch(() => null),
      );
      return (await Promise.all(receipts)).some(
        (receipt) =>
          receipt?.status === 'reverted' && receipt.to?.toLowerCase() === to.toLowerCase(),
      );
    },
    hold: ({ nonce }) => void waiting.add(nonce),
    forget: ({ nonce }) => void waiting.delete(nonce),
  };
}

/** A bid under which the whole gas costs no more than is allowed, whatever a provider says of the base fee. */
function affordable(gas: bigint, { maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  const fee = least(maxFeePerGas, HIGHEST_COST / gas);
  return { maxFeePerGas: fee, maxPriorityFeePerGas: least(maxPriorityFeePerGas, fee) };
}

/** One eighth more, rounded up: the least by which a pool lets a transaction replace another. */
const bumped = (fee: bigint) => (fee * 9n + 7n) / 8n;

const most = (a: bigint, b: bigint) => (a > b ? a : b);
const least = (a: bigint, b: bigint) => (a < b ? a : b);

const CHEAP =
  /underpriced|replacement.?not.?allowed|(fee|gas.?price).{0,24}(too.?low|less than|below)/i;

/**
 * JSON-RPC has no codes for these; the clients' words differ a little. Of what several providers say, the first here
 * counts: one pool that holds it is enough. What is none of them is thrown again.
 */
function outcomeOf(error: unknown): Broadcast {
  const text = error instanceof Error ? error.message : '';
  if (/already.?(known|imported)|known.?transaction/i.test(text)) return 'sent';
  if (/nonce.{0,8}too.?low|old.?nonce/i.test(text)) return 'late';
  if (CHEAP.test(text)) return 'underpriced';
  if (/insufficient.?(funds|balance)/i.test(text)) return 'unfunded';
  throw error;
}
