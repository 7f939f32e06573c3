import assert from 'node:assert/strict';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { bytesToHex } from 'viem';
import { createGossip } from '../../node/gossip/gossip.ts';
import { sealBlsKeystore } from '../../node/keys/bls-keystore.ts';
import { createKeyring } from '../../node/lib/keyring.ts';
import { writeSecretText } from '../../node/lib/files.ts';
import { startNode } from '../../node/node.ts';
import { committeeAbi, watchersAbi } from '../../protocol/abi.ts';
import { loadFast } from '../../protocol/bls-fast.ts';
import {
  evmKey,
  evmSignature,
  keyHash,
  provePossession,
  publicKeyOf,
  rawKey,
  verify,
} from '../../protocol/bls.ts';
import { ruleOf } from '../../protocol/named-rule.ts';
import type { Attestation, Committee } from '../../protocol/types.ts';
import { ruleId, verdictDigest } from '../../protocol/verdict.ts';
import { freePort, funded } from './anvil.ts';
import { covered } from './gossip/support/committee.ts';
import { eventually } from './gossip/support/eventually.ts';
import { createWorld, type World } from './observe/support.ts';
import { seatConfig } from './seat-config.ts';
import { withFolder } from './store/support.ts';
import { blsSecret } from './submit/network.ts';

const NEXT = 100;
const EPOCH = 86_400;

describe('a node whose key is rotated', () => {
  let world: World;
  before(async () => {
    world = await createWorld();
  });
  after(() => world.stop());

  /** Gives the operator of seat 0 another key, and that its page. */
  const rotate = async () => {
    const { watchers, committee } = world.network;
    const binding = { chainId: world.domain.chainId, watchers, operator: funded(0).address };
    const key = publicKeyOf(blsSecret(NEXT));
    const possession = evmSignature(provePossession(blsSecret(NEXT), binding));
    const { wallet, client } = world.anvil;
    for (const hash of [
      await wallet.writeContract({
        address: watchers,
        abi: watchersAbi,
        functionName: 'rotateKey',
        args: [evmKey(key), possession],
      }),
      await wallet.writeContract({
        address: committee,
        abi: committeeAbi,
        functionName: 'writePage',
        args: [bytesToHex(rawKey(key)), []],
      }),
    ])
      assert.equal((await client.waitForTransactionReceipt({ hash })).status, 'success');
    return key;
  };

  const openNext = async () => {
    const { committee } = world.network;
    await world.request('anvil_setNextBlockTimestamp', await nextEpoch());
    await world.mine(34);
    const open = { address: committee, abi: committeeAbi, functionName: 'openEpoch' } as const;
    const hash = await world.anvil.wallet.writeContract(open);
    await world.anvil.client.waitForTransactionReceipt({ hash });
    await world.mine(2);
  };
  const nextEpoch = async () => Number((await world.anvil.client.getBlock()).timestamp) + EPOCH;

  it('signs with the former key while a roster seats it and with the next from its first epoch on, without a restart', () =>
    withFolder(async (folder) => {
      const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
      const coverageId = await world.cover([shape]);
      const port = await freePort();
      const config = await seatConfig(world, folder, { api: port });
      const next = publicKeyOf(blsSecret(NEXT));
      const sealed = { pubkey: next, cost: 'light' } as const;
      const keystore = await sealBlsKeystore(blsSecret(NEXT), 'horse', sealed);
      await writeSecretText(`${folder}/next`, JSON.stringify(keystore), '');
      const blsKeystores = [...config.blsKeystores, `${folder}/next`];
      const stopping = new AbortController();
      const { stopped } = await startNode({ ...config, blsKeystores }, stopping.signal);

      const roster = world.network.roster;
      const [, ...others] = roster.seats;
      // The member who has left gives his index to the last one, which is the new key.
      const seats = [{ ...roster.seats[0]!, key: next, keyHash: keyHash(next) }, ...others];
      const later: Committee = { ...roster, epoch: 2n, seats };
      const rule = ruleOf(shape);
      let head = 0n;
      const peer = await createGossip(
        {
          domain: world.domain,
          keyring: createKeyring(await loadFast()),
          privateKey: await generateKeyPair('Ed25519'),
          seat: { own: new Set([roster.seats[1]!.keyHash]), account: funded(1) },
          context: () => ({
            head,
            committees: [later, roster],
            ruleOf: () => ({ ...covered, coverageId, ruleId: ruleId(rule), rule }),
            isCalled: () => null,
            isStruck: () => false,
            hashesAt: () => [],
          }),
          submitterOf: async () => funded(0).address,
          certificates: () => [],
        },
        { listen: '/ip4/127.0.0.1/tcp/0', peers: [config.listen] },
        stopping.signal,
      );
      const heard: Attestation[] = [];
      void (async () => {
        for await (const attestation of peer.attestations) heard.push(attestation);
      })();
      /** The price falls, and the one attestation of it comes. */
      const fall = async () => {
        const before = heard.length;
        head = (await world.anvil.client.getBlockNumber()) + 3n;
        await world.write(2, 10n);
        await world.write(1, 1000n);
        await world.write(1, 900n);
        await eventually('it is heard', () => heard.length > before);
        return heard.at(-1)!;
      };
      const isBy = ({ key }: { key: Uint8Array }, { verdict, signature }: Attestation) =>
        verify(key, verdictDigest(world.domain, verdict), signature);

      await eventually('they know one another', () => peer.peers().seated === 1);
      const first = await fall();
      assert.deepEqual([first.verdict.epoch, first.seat], [1n, 0]);
      assert.ok(isBy(roster.seats[0]!, first));

      await rotate();
      const between = await fall();
      assert.equal(between.verdict.epoch, 1n);
      assert.ok(isBy(roster.seats[0]!, between));

      await openNext();
      const last = await fall();
      assert.deepEqual([last.verdict.epoch, last.seat], [2n, 0]);
      assert.ok(isBy(later.seats[0]!, last));
      stopping.abort();
      await stopped;
    }));
});
