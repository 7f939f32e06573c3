import { Registry } from 'prom-client';
import { registryAbi, watchersAbi } from '../../../protocol/abi.ts';
import { createBarring } from '../../../node/challenge/barring.ts';
import { type Challenger, createChallenger } from '../../../node/challenge/challenger.ts';
import type { Claims } from '../../../node/challenge/claims.ts';
import { type Court, createCourt } from '../../../node/challenge/court.ts';
import { createDocket } from '../../../node/challenge/docket.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import type { Evidence } from '../../../node/store/evidence.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { type Anvil, funded } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';
import type { Network } from '../submit/network.ts';

/** Challengers before the court of a network. */
export type Tribunal = ReturnType<typeof createTribunal>;

export function createTribunal(anvil: Anvil, network: Network) {
  const { client } = anvil;

  const struck = async (): Promise<readonly number[]> => {
    const [words] = await client.readContract({
      address: network.domain.registry,
      abi: registryAbi,
      functionName: 'struck',
      args: [1n],
    });
    return [0, 1, 2, 3].filter((seat) => ((words >> BigInt(seat)) & 1n) === 1n);
  };

  return {
    struck,

    /** The challenger of a seat, with what it knows of lies. */
    start: async (
      seat: number,
      evidence: Evidence,
      pending = inMemory(),
      claims: readonly Pick<Claims, 'size' | 'all' | 'refuse'>[] = [],
      alter: (court: Court) => Court = (court) => court,
    ): Promise<Challenger> => {
      const account = funded(seat);
      const court = alter(createCourt(client, network, account));
      return createChallenger({
        pending,
        sender: createSender({ client, account, chainId: anvil.chain.id }),
        docket: createDocket(evidence, claims, court.seatCountOf),
        court,
        barring: createBarring(client, network.watchers, () => network.roster),
        address: network.court,
        book: network.book,
        own: new Set([network.roster.seats[seat]!.keyHash]),
        log: createLog({ level: 'silent', format: 'json' }),
        metrics: createMetrics(new Registry()),
      });
    },

    /** Mines blocks one by one, and lets each challenger look at each. */
    mine: async (challengers: readonly Challenger[], blocks: number): Promise<void> => {
      for (let mined = 0; mined < blocks; mined++) {
        // Else its clock is the machine's, and many blocks are of one second.
        await anvil.test.mine({ blocks: 1, interval: 1 });
        const { number, timestamp } = await client.getBlock();
        const state = {
          epoch: 1n,
          committee: network.roster,
          struck: [{ epoch: 1n, seats: await struck() }],
        };
        const block = { height: number, timestamp };
        const event = { kind: 'block', block, state } as unknown as BlockEvent;
        await Promise.all(challengers.map((each) => each.note(event)));
      }
    },

    slashedOf: (seat: number): Promise<bigint> =>
      client.readContract({
        address: network.watchers,
        abi: watchersAbi,
        functionName: 'slashedOf',
        args: [network.roster.seats[seat]!.keyHash],
      }),
  };
}
