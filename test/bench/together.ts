import { type Hex, numberToHex } from 'viem';
import type { Chain } from '../../devnet/chain.ts';
import { fault } from '../../devnet/refusal.ts';

/** Transactions that wait in the chain's pool at once. */
const WIDTH = 64;

/** A call from an account whose key the chain holds; without `to`, the code of a contract to create. */
export type Sent = Readonly<{ from: Hex; to?: Hex; data: Hex; gas?: bigint; value?: bigint }>;

type Receipt = Readonly<{ status: Hex; contractAddress: Hex | null; blockNumber: Hex }>;

/** Asks the chain for what viem has no name of. */
export const ask = (chain: Chain, method: string, ...params: readonly unknown[]) =>
  chain.client.request({ method, params } as never) as Promise<unknown>;

/** Sends all in their order, before any block comes by itself, and mines them; one that reverts ends the bench. */
export async function together(chain: Chain, calls: readonly Sent[]): Promise<readonly Receipt[]> {
  await ask(chain, 'evm_setAutomine', false);
  const receipts: Receipt[] = [];
  for (let from = 0; from < calls.length; from += WIDTH)
    receipts.push(...(await mined(chain, calls.slice(from, from + WIDTH))));
  await ask(chain, 'evm_setAutomine', true);
  return receipts;
}

async function mined(chain: Chain, calls: readonly Sent[]): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = [];
  const hashes: Hex[] = [];
  for (const call of calls) hashes.push(await send(chain, call));
  for (const hash of hashes) {
    let receipt: Receipt | null = null;
    for (let tries = 0; receipt === null && tries <= calls.length; tries++) {
      receipt = (await ask(chain, 'eth_getTransactionReceipt', hash)) as Receipt | null;
      if (receipt === null) await ask(chain, 'evm_mine');
    }
    if (receipt?.status !== '0x1')
      throw fault('CHILD_FAILED', { name: 'transaction', line: `${hash} failed` });
    receipts.push(receipt);
  }
  return receipts;
}

/** Hands one over and answers its hash. */
export const send = (chain: Chain, { from, to, data, gas = 3_000_000n, value = 0n }: Sent) =>
  ask(chain, 'eth_sendTransaction', {
    from,
    ...(to && { to }),
    data,
    gas: numberToHex(gas),
    value: numberToHex(value),
  }) as Promise<Hex>;
