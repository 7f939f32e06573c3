import assert from 'node:assert/strict';
import { keccak256, parseGwei } from 'viem';
import { openChain } from '../../../node/lib/chain.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { type Proxy, startProxy } from '../observe/proxy.ts';

describe('a client over several providers', () => {
  let anvil: Anvil;
  let first: Proxy;
  let second: Proxy;
  before(async () => {
    anvil = await startAnvil(['--no-mining']);
    first = await startProxy(anvil.url);
    second = await startProxy(anvil.url);
  });
  after(async () => {
    await first.stop();
    await second.stop();
    await anvil.stop();
  });

  const signed = (nonce: number) =>
    funded(0).signTransaction({
      chainId: anvil.chain.id,
      to: funded(1).address,
      gas: 21_000n,
      maxFeePerGas: parseGwei('10'),
      maxPriorityFeePerGas: 1n,
      nonce,
    });
  const pending = () => anvil.client.getBlockTransactionCount({ blockTag: 'pending' });

  it('gives a transaction to each, though the first would do', async () => {
    const { client } = await openChain([first.url, second.url], null);
    const serializedTransaction = await signed(0);
    assert.equal(
      await client.sendRawTransaction({ serializedTransaction }),
      keccak256(serializedTransaction),
    );
    assert.equal(await pending(), 1);
    for (const { calls } of [first, second])
      assert.ok(calls.some(({ method }) => method === 'eth_sendRawTransaction'));
  });

  it('asks the next when one is down', async () => {
    const { client } = await openChain([first.url, second.url], null);
    first.isDown = true;
    assert.equal(await client.getBlockNumber(), 0n);
    first.isDown = false;
  });

  it('says what each says when all refuse: one may hold what another does not', async () => {
    const { client } = await openChain([first.url, second.url], null);
    first.garble = (text) => text.replace(/"message":"[^"]*"/, '"message":"too many requests"');
    const serializedTransaction = await signed(0);
    await assert.rejects(client.sendRawTransaction({ serializedTransaction }), /already/);
  });
});
