import { bountiesAbi, courtAbi, erc20Abi, registryAbi, watchersAbi } from '../protocol/abi.ts';
import { seatsOfWords } from '../protocol/certificate.ts';
import { MAX_SEATS } from '../protocol/quorum.ts';
import type { Devnet } from './devnet.ts';
import { TOKEN } from './stakes.ts';
import { until } from './wait.ts';

/** What became of those who lied; amounts are whole tokens of stake. */
export type Justice = Readonly<{
  slashed: bigint;
  /** Seats that may sign no more in their epoch. */
  struck: number;
  burned: bigint;
  compensated: bigint;
  /** Accounts whose evidence was upheld. */
  challengers: number;
  /** Pay for incidents that arbiters have taken back. */
  takenBack: bigint;
}>;

/** Nobody was accused. */
export const PEACE: Justice = {
  slashed: 0n,
  struck: 0,
  burned: 0n,
  compensated: 0n,
  challengers: 0,
  takenBack: 0n,
};

/** As the contracts' events tell it, from the start of the run. */
export async function justiceOf({ chain, deployment }: Devnet): Promise<Justice> {
  const all = { fromBlock: 0n, strict: true } as const;
  const told = { ...all, address: deployment.court, abi: courtAbi } as const;
  const { client } = chain;
  const bounties = { address: deployment.bounties, abi: bountiesAbi } as const;
  const [slashes, strikes, burnings, payments, upheld, decided] = await Promise.all([
    client.getContractEvents({
      ...all,
      address: deployment.watchers,
      abi: watchersAbi,
      eventName: 'Slashed',
    }),
    client.getContractEvents({
      ...all,
      address: deployment.registry,
      abi: registryAbi,
      eventName: 'Struck',
    }),
    client.getContractEvents({ ...told, eventName: 'Burnt' }),
    client.getContractEvents({ ...told, eventName: 'Compensated' }),
    client.getContractEvents({ ...told, eventName: 'Upheld' }),
    client.getContractEvents({ ...all, ...bounties, eventName: 'Decided' }),
  ]);
  const refused = await Promise.all(
    decided
      .filter(({ args }) => args.upheld)
      .map(({ args: { coverageId, entry } }) =>
        client.readContract({ ...bounties, functionName: 'bountyOf', args: [coverageId, entry] }),
      ),
  );
  const struck = new Set(
    strikes.flatMap(({ args: { epoch, seats } }) =>
      seatsOfWords(seats, MAX_SEATS).map((seat) => `${epoch} ${seat}`),
    ),
  );
  const sum = (amounts: readonly bigint[]) => amounts.reduce((all, one) => all + one, 0n) / TOKEN;
  return {
    slashed: sum(slashes.map(({ args }) => args.taken)),
    struck: struck.size,
    burned: sum(burnings.map(({ args }) => args.amount)),
    compensated: sum(payments.map(({ args }) => args.amount)),
    challengers: new Set(upheld.map(({ args }) => args.challenger)).size,
    takenBack: sum(refused.map(({ rate, signed }) => rate * BigInt(signed))),
  };
}

/** All stake that watchers have, in the smallest unit. */
export const stakeIn = ({ chain, deployment }: Devnet): Promise<bigint> =>
  chain.client.readContract({
    address: deployment.token,
    abi: erc20Abi,
    functionName: 'balanceOf',
    args: [deployment.watchers],
  });

/** Seconds after which an epoch takes no more evidence: a roster's life, a certificate's age and the disputes, and some. */
const OVER = 9 * 86_400;

/** Lets the epoch of a lie be over, and waits until the nodes have had whom it stopped compensated and the rest burnt. */
export async function compensated(devnet: Devnet): Promise<Justice> {
  await devnet.chain.passTime(OVER);
  return until(
    'whom it stopped to be compensated',
    async () => {
      const found = await justiceOf(devnet);
      return found.compensated > 0n && found.burned > 0n && found;
    },
    { seconds: 120, everyMs: 500, signal: devnet.ended },
  );
}
