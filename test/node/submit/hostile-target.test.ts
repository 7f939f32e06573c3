import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import { turnOf } from '../../../node/lib/order.ts';
import { funded } from '../anvil.ts';
import { createSubmitters, type Submitters, until, type Watcher } from './submitters.ts';

/** Reverts whatever it is asked. */
const REFUSES = '0x5f5ffd';

describe('a target that is not what it seems', () => {
  let town: Submitters;
  before(async () => {
    town = await createSubmitters();
  });
  beforeEach(() => town.begin());
  afterEach(() => town.end());
  after(() => town.stop());

  const codes = ({ lines }: Watcher) =>
    lines.flatMap(({ msg, code }) => (msg === 'certificate not sent' ? [code] : []));
  const certificates = async (count: number) =>
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        town.network.certify(`0x${`${index}`.padStart(64, '0')}`),
      ),
    );
  /** A provider whose pending block is the newest: it shows nothing of the pool. */
  const blind = () =>
    town.seenThrough((_, pass, params) =>
      pass(params.map((part) => (part === 'pending' ? 'latest' : part))),
    );
  const nonceOf = (seat: number) =>
    town.anvil.client.getTransactionCount({ address: funded(seat).address });

  /** Sends a certificate of the newest block and lets its target refuse once it is mined. */
  const betrayed = async (one: Watcher): Promise<void> => {
    const { certificate } = await town.network.certify();
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await town.anvil.test.setCode({ address: town.network.vault, bytecode: REFUSES });
  };

  it('is sent one transaction at a time, however many certificates there are', async () => {
    const made = await certificates(4);
    await town.anvil.test.mine({ blocks: 1 });
    const one = town.node(0, blind(), 0);
    for (const { certificate } of made) one.submitter.offer(certificate, town.network.roster);
    await until('three wait', () => codes(one).length === 3);
    assert.deepEqual(codes(one), ['TARGET_BUSY', 'TARGET_BUSY', 'TARGET_BUSY']);
    await until('one is sent', () => one.said('certificate sent') === 1);
    assert.equal(await town.pending(), 1n);
  });

  it('is left alone by everybody once one of them has lost by it', async () => {
    const [one, other] = [town.node(0), town.node(1)];
    await betrayed(one);
    await town.mine();
    await town.mine();
    const { certificate } = await town.network.certify();
    for (const { submitter } of [one, other]) submitter.offer(certificate, town.network.roster);
    await until('both keep quiet', () =>
      [one, other].every((each) => codes(each).includes('TARGET_SUSPECT')),
    );
    assert.equal(other.said('certificate sent'), 0);
  });

  it('is not blamed when the block of the certificate is reorged away', async () => {
    const id = await town.anvil.test.snapshot();
    await town.anvil.test.mine({ blocks: 1 });
    const [one, started] = [town.node(0, town.anvil.client, 0), await nonceOf(0)];
    const { certificate, height } = await town.network.certify();
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await town.anvil.test.revert({ id });
    await town.anvil.test.setAutomine(false);
    // Another timestamp makes another block.
    await town.anvil.test.increaseTime({ seconds: 60 });
    for (let block = 0; block < 4; block++) await town.mine();
    assert.notEqual(
      (await town.anvil.client.getBlock({ blockNumber: height })).hash,
      certificate.verdict.blockHash,
    );
    assert.equal(await nonceOf(0), started + 1);
    const again = await town.network.certify();
    await town.mine();
    one.submitter.offer(again.certificate, town.network.roster);
    await until('the next is sent', () => one.said('certificate sent') === 2);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });

  it('is rung for by the others, in turn, when a trip lies in the pool and never comes', async () => {
    const { certificate, digest } = await town.network.certify();
    const seats = [0, 1, 2, 3].toSorted((a, b) => turn(a, digest) - turn(b, digest));
    const [liar, honest] = [seats[0]!, seats[1]!];
    const one = town.node(liar, town.anvil.client, 0);
    one.submitter.offer(certificate, town.network.roster);
    await until('it is sent', () => one.said('certificate sent') === 1);
    await town.kill(one);
    const state = one.states.at(-1);
    assert.ok(state?.kind === 'sent');
    const [hash = '0x'] = state.transactions;
    const two = town.node(honest, town.anvil.client, 0);
    two.submitter.offer(certificate, town.network.roster);
    await until('it keeps quiet', () => codes(two).includes('ALREADY_TRIPPED'));
    // Taken out before each block and put back after it.
    for (let block = 0; block < 3; block++) await withheld(hash, () => town.mine());
    await until('it is sent all the same', () => two.said('certificate sent') === 1);
    await withheld(hash, () => town.mine());
    assert.equal(await town.network.rung(), 3);
  });

  const turn = (seat: number, digest: Hex) =>
    turnOf(digest, town.network.roster, new Set([town.network.roster.seats[seat]!.keyHash]));

  const withheld = async (hash: Hex, mine: () => Promise<void>): Promise<void> => {
    const { request } = town.anvil.client;
    const raw = (await request({
      method: 'eth_getRawTransactionByHash' as never,
      params: [hash] as never,
    })) as Hex;
    await town.anvil.test.dropTransaction({ hash });
    await mine();
    await town.anvil.client.sendRawTransaction({ serializedTransaction: raw });
  };

  it('holds no nonce of a wallet that cannot pay for the whole gas', async () => {
    const { certificate } = await town.network.certify();
    const { address } = funded(0);
    await town.anvil.test.setBalance({ address, value: 10n ** 14n });
    const one = town.node(0, town.anvil.client, 0);
    one.submitter.offer(certificate, town.network.roster);
    await until('it keeps quiet', () => codes(one).includes('WALLET_SHORT'));
    assert.equal(await town.pending(), 0n);
    await town.anvil.test.setBalance({ address, value: 10n ** 18n });
    await town.mine();
    await until('it is sent', () => one.said('certificate sent') === 1);
    await town.mine();
    assert.equal(await town.network.rung(), 3);
  });
});
