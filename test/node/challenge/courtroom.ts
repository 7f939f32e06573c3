import { Registry } from 'prom-client';
import { type Hex, keccak256, stringToHex } from 'viem';
import { courtAbi, registryAbi, tokenAbi, watchersAbi } from '../../../protocol/abi.ts';
import { sign } from '../../../protocol/bls.ts';
import type { Attestation } from '../../../protocol/types.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import { createBarring } from '../../../node/challenge/barring.ts';
import { type Challenger, createChallenger } from '../../../node/challenge/challenger.ts';
import type { Claims } from '../../../node/challenge/claims.ts';
import { createCourt } from '../../../node/challenge/court.ts';
import { createDocket } from '../../../node/challenge/docket.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent, Equivocation } from '../../../node/lib/pipeline.ts';
import type { Evidence } from '../../../node/store/evidence.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { funded, startAnvil } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';
import { blsSecret, createNetwork } from '../submit/network.ts';

/** A court, and challengers of its seats, on a chain that mines when it is told. */
export type Courtroom = Awaited<ReturnType<typeof openCourtroom>>;

export async function openCourtroom() {
  const anvil = await startAnvil();
  const network = await createNetwork(anvil);
  await anvil.test.setAutomine(false);
  let snapshot = await anvil.test.snapshot();

  /** As it was opened. */
  const reset = async (): Promise<void> => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  };

  /** Two attestations of one seat under one key. */
  const contradiction = async (seat: number): Promise<Equivocation> => {
    const { verdict } = (await network.certify()).certificate;
    const say = (claims: string): Attestation => {
      const said = { ...verdict, claimsRoot: keccak256(stringToHex(claims)) };
      const signature = sign(blsSecret(seat), verdictDigest(network.domain, said));
      return { verdict: said, seat, signature };
    };
    return { epoch: 1n, seat, first: say('one'), second: say('other') };
  };

  const holding = (...found: readonly Equivocation[]): Evidence => ({
    put: () => Promise.resolve('known'),
    all: () => Promise.resolve(found),
    size: () => found.length,
  });

  const start = async (
    seat: number,
    evidence: Evidence,
    pending = inMemory(),
    claims: Pick<Claims, 'size' | 'all' | 'refuse'> = {
      size: () => 0,
      all: async () => [],
      refuse: () => undefined,
    },
  ) => {
    const { client } = anvil;
    const account = funded(seat);
    const court = createCourt(client, network, account);
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
  };

  const struck = async () => {
    const [words] = await anvil.client.readContract({
      address: network.registry,
      abi: registryAbi,
      functionName: 'struck',
      args: [1n],
    });
    return [0, 1, 2, 3].filter((seat) => ((words >> BigInt(seat)) & 1n) === 1n);
  };

  /** Mines blocks one by one, and lets each challenger look at each. */
  const mine = async (challengers: readonly Challenger[], blocks: number) => {
    for (let mined = 0; mined < blocks; mined++) {
      await anvil.test.mine({ blocks: 1 });
      const { number, timestamp } = await anvil.client.getBlock();
      const state = {
        epoch: 1n,
        committee: network.roster,
        struck: [{ epoch: 1n, seats: await struck() }],
      };
      const block = { height: number, timestamp };
      const event = { kind: 'block', block, state } as unknown as BlockEvent;
      await Promise.all(challengers.map((each) => each.note(event)));
    }
  };

  const slashedOf = (seat: number) =>
    anvil.client.readContract({
      address: network.watchers,
      abi: watchersAbi,
      functionName: 'slashedOf',
      args: [network.roster.seats[seat]!.keyHash],
    });
  const balanceOf = (account: Hex) =>
    anvil.client.readContract({
      address: network.token,
      abi: tokenAbi,
      functionName: 'balanceOf',
      args: [account],
    });
  const slashCount = () =>
    anvil.client.readContract({
      address: network.court,
      abi: courtAbi,
      functionName: 'slashCount',
    });
  const sentBy = (seat: number) =>
    anvil.client.getTransactionCount({ address: funded(seat).address });

  return {
    anvil,
    network,
    reset,
    stop: anvil.stop,
    contradiction,
    holding,
    start,
    struck,
    mine,
    slashedOf,
    balanceOf,
    slashCount,
    sentBy,
  };
}
