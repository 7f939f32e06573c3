import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { encodeFunctionData, type Hex } from 'viem';
import { payrollAbi } from '../../protocol/abi.ts';
import { keyHash, publicKeyOf, sign } from '../../protocol/bls.ts';
import { createKeyring } from '../../node/lib/keyring.ts';
import { loadFast } from '../../protocol/bls-fast.ts';
import { ruleOf } from '../../protocol/named-rule.ts';
import type { Attestation, Verdict } from '../../protocol/types.ts';
import { ruleId, verdictDigest } from '../../protocol/verdict.ts';
import { createGossip } from '../../node/gossip/gossip.ts';
import { startNode } from '../../node/node.ts';
import { openDatabase } from '../../node/store/database.ts';
import { freePort, funded } from './anvil.ts';
import { eventually } from './gossip/support/eventually.ts';
import { startProxy } from './observe/proxy.ts';
import { createWorld, word, type World } from './observe/support.ts';
import { refusedWith } from './refused.ts';
import { seatConfig } from './seat-config.ts';
import { withFolder } from './store/support.ts';
import { blsSecret } from './submit/network.ts';

describe('a node', () => {
  let world: World;
  before(async () => {
    world = await createWorld();
  });
  after(() => world.stop());

  const configIn = (folder: string, api: number) => seatConfig(world, folder, { api });

  type Status = { evidence: number; peers: { seated: number }; head: object | null };
  const statusAt = async (port: number): Promise<Status | null> =>
    await fetch(`http://127.0.0.1:${port}/status`).then(
      (response) => response.json() as Promise<Status>,
      () => null,
    );

  it('whose start fails late has closed all it had opened, and starts again in the same process', () =>
    withFolder(async (folder) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const config = await configIn(folder, port);
      const never = new AbortController();
      await assert.rejects(startNode(config, never.signal), { code: 'CONFIG_INVALID' });
      await (await openDatabase(config.dataDir)).close();
      taken.close();
      await once(taken, 'close');
      // The same folder, the same port for peers.
      const stopping = new AbortController();
      const { stopped } = await startNode(config, stopping.signal);
      await eventually('it watches', async () => (await statusAt(port))?.head != null);
      stopping.abort();
      await stopped;
      await (await openDatabase(config.dataDir)).close();
    }));

  it('that cannot listen for peers leaves its folder open to the next', () =>
    withFolder(async (folder) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as { port: number };
      const config = { ...(await configIn(folder, 0)), listen: `/ip4/127.0.0.1/tcp/${port}` };
      await assert.rejects(startNode(config, new AbortController().signal));
      await (await openDatabase(config.dataDir)).close();
      taken.close();
    }));

  for (const [what, tamper] of [
    ['tells another', () => word(1)],
    ['tells no', () => '0x'],
  ] as const)
    it(`does not start where one provider ${what} period of roll calls`, () =>
      withFolder(async (folder) => {
        const proxy = await startProxy(world.anvil.url);
        const asked = encodeFunctionData({ abi: payrollAbi, functionName: 'PERIOD' });
        proxy.tamper = ({ params: [call] }, result) =>
          (call as { data?: Hex })?.data === asked ? tamper() : result;
        const rpc = [world.anvil.url, proxy.url];
        const config = { ...(await configIn(folder, 0)), rpc };
        const start = () => startNode(config, new AbortController().signal);
        await refusedWith('RPC_DISAGREES', 'rpc: not all providers tell how often', start);
        await (await openDatabase(config.dataDir)).close();
        await proxy.stop();
      }));

  it('keeps the proof that a seat contradicted itself, and shows it after a restart', () =>
    withFolder(async (folder) => {
      const shape = world.ruleShape('price', 'share-price-fall', [1, 2]);
      const coverageId = await world.cover([shape]);
      const rule = ruleOf(shape);
      const port = await freePort();
      const config = await configIn(folder, port);
      const first = new AbortController();
      const { stopped } = await startNode(config, first.signal);
      await eventually('it watches', async () => (await statusAt(port))?.head != null);

      const block = await world.anvil.client.getBlock();
      const say = (claims: number): Attestation => {
        const verdict: Verdict = {
          observedChainId: world.domain.chainId,
          coverageId,
          ruleId: ruleId(rule!),
          blockHash: block.hash,
          subject: word(0),
          height: block.number,
          epoch: 1n,
          rung: 3,
          life: 600,
          claimsRoot: word(claims),
        };
        const signature = sign(blsSecret(1), verdictDigest(world.domain, verdict));
        return { verdict, seat: 1, signature };
      };
      const roster = world.network.roster;
      const liar = await createGossip(
        {
          domain: world.domain,
          keyring: createKeyring(await loadFast()),
          privateKey: await generateKeyPair('Ed25519'),
          seat: { own: new Set([keyHash(publicKeyOf(blsSecret(1)))]), account: funded(1) },
          context: () => ({
            head: block.number,
            committees: [roster],
            ruleOf: () => null,
            isCalled: () => null,
            isStruck: () => false,
            hashesAt: () => [],
          }),
          submitterOf: async () => funded(0).address,
          certificates: () => [],
        },
        { listen: '/ip4/127.0.0.1/tcp/0', peers: [config.listen] },
        first.signal,
      );
      await eventually(
        'they know one another',
        async () => (await statusAt(port))?.peers.seated === 1 && liar.peers().subscribed === 1,
      );
      await liar.publishAttestation(say(1));
      await liar.publishAttestation(say(2));
      await eventually('it is stored', async () => (await statusAt(port))?.evidence === 1);
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      assert.match(metrics, /^tocsin_evidence 1$/m);
      await liar.close();
      first.abort();
      await stopped;

      const second = new AbortController();
      const again = await startNode(config, second.signal);
      assert.equal((await statusAt(port))?.evidence, 1);
      second.abort();
      await again.stopped;
    }));
});
