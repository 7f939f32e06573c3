import { generateKeyPair } from '@libp2p/crypto/keys';
import { hexToBytes } from 'viem';
import { committeeAbi, watchersAbi } from '../../protocol/abi.ts';
import { loadFast } from '../../protocol/bls-fast.ts';
import { keyFromRaw } from '../../protocol/bls.ts';
import { maxRungOf } from '../../protocol/quorum.ts';
import type { Attestation, Committee, Seat } from '../../protocol/types.ts';
import { encodeAttestation } from '../../protocol/wire.ts';
import type { Context } from '../../node/gossip/context.ts';
import { createGossip, type Gossip } from '../../node/gossip/gossip.ts';
import { createKeyring } from '../../node/lib/keyring.ts';
import type { Devnet } from '../devnet.ts';
import { expected } from '../refusal.ts';
import { until } from '../wait.ts';
import type { HeldSeat } from './held.ts';

/** What a seat knows of the chain beside the roster; without a rule it hears nothing. */
type Known = Pick<Context, 'head' | 'ruleOf'>;
const DEAF: Known = { head: 0n, ruleOf: () => null };

/** Blocks in which whatever is said comes to everybody. */
const HEARD = 3;

/** Enters the watchers' common room in a seat, and waits until every node that runs knows who it is and takes what it says. */
export async function enterRoom(
  devnet: Devnet,
  seat: HeldSeat,
  known: () => Known = () => DEAF,
): Promise<Gossip> {
  const { chain, deployment, domain, ended: signal, watchers } = devnet;
  const committee = await committeeOf(devnet);
  const gossip = await createGossip(
    {
      domain,
      keyring: createKeyring(await loadFast()),
      privateKey: await generateKeyPair('Ed25519'),
      seat: { own: new Set([seat.keyHash]), account: seat.account },
      context: () => ({
        ...known(),
        isCalled: () => null,
        committees: [committee],
        isStruck: () => false,
        hashesAt: () => [],
      }),
      submitterOf: async (keyHash) => {
        const read = { address: deployment.watchers, abi: watchersAbi } as const;
        const operator = await chain.client.readContract({
          ...read,
          functionName: 'operatorOfKey',
          args: [keyHash],
        });
        const watcher = { ...read, functionName: 'watcher', args: [operator] } as const;
        return (await chain.client.readContract(watcher)).submitter;
      },
      certificates: () => [],
    },
    { listen: '/ip4/127.0.0.1/tcp/0', peers: watchers.alive().map(({ listen }) => listen) },
    signal,
  );
  await until(
    `seat ${seat.number} to be heard`,
    async () => {
      const { seated, subscribed } = gossip.peers();
      return Math.min(seated, subscribed) >= watchers.alive().length;
    },
    { signal },
  );
  return gossip;
}

/** Says these to everybody, and leaves. */
export async function tell(
  devnet: Devnet,
  seat: HeldSeat,
  attestations: readonly Attestation[],
): Promise<void> {
  const room = await enterRoom(devnet, seat);
  try {
    for (const attestation of attestations)
      await room.publishBytes('attestation', encodeAttestation(attestation));
    await devnet.chain.passBlocks(HEARD, devnet.ended);
  } finally {
    await room.close();
  }
}

/** The latest roster, as the contracts tell it: its members in order, and each one's key from its registration. */
async function committeeOf({ chain, deployment }: Devnet): Promise<Committee> {
  const read = { address: deployment.committee, abi: committeeAbi } as const;
  const [epoch, [hashes, weights], registered] = await Promise.all([
    chain.client.readContract({ ...read, functionName: 'latestEpoch' }),
    chain.client.readContract({ ...read, functionName: 'members' }),
    chain.client.getContractEvents({
      address: deployment.watchers,
      abi: watchersAbi,
      eventName: 'Registered',
      fromBlock: 0n,
      strict: true,
    }),
  ]);
  const keys = new Map(registered.map(({ args }) => [args.keyHash, args.key]));
  const seats = hashes.map((keyHash, index): Seat => {
    const key = keyFromRaw(hexToBytes(keys.get(keyHash) ?? '0x'));
    if (!key.ok) throw expected(`seat ${index} to have a key`);
    return { index, key: key.value, keyHash, weight: BigInt(weights[index]!) };
  });
  const totalWeight = seats.reduce((sum, { weight }) => sum + weight, 0n);
  return { epoch, seats, totalWeight, maxRung: maxRungOf(seats.map(({ weight }) => weight)) };
}
