import {
  decodeFunctionData,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  type LocalAccount,
  parseAbiParameters,
  type PublicClient,
} from 'viem';
import { committeeAbi, courtAbi, incidentBookAbi, judgeAbi } from '../../protocol/abi.ts';
import { seatsOfWords, seatWords } from '../../protocol/certificate.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { faults } from '../../protocol/fault.ts';
import { MAX_SEATS } from '../../protocol/quorum.ts';
import { type FalseTrip, JUDGES, type Offence } from '../lib/pipeline.ts';
import { revertOf } from '../wallet/revert.ts';

const COMMITMENT = parseAbiParameters('uint256, address, address, uint256, bytes32, bytes32');

/** Blocks in which the court lets a commitment be revealed. */
const REVEAL_BLOCKS = 256n;

/** Where a commitment stands: none that counts, too young, or one that may be revealed. */
export type Commitment = 'none' | 'fresh' | 'open';

/** Seats charged in an epoch, and the timestamp from which evidence of it is refused. */
export type EpochRecord = Readonly<{
  deadline: bigint;
  inPart: readonly number[];
  wholly: readonly number[];
}>;

/** A slash as its event tells it, and the seat it goes on with. */
export type Unenforced = Readonly<{
  slashId: bigint;
  slash: Readonly<{
    epoch: bigint;
    landed: boolean;
    challenger: Hex;
    seats: readonly [bigint, bigint];
  }>;
  seat: bigint;
  own: boolean;
}>;

const fault = faults<{ SLASH_UNTOLD: { slashId: bigint; height: bigint } }>();

/** The court as a challenger asks it, at the latest block. */
export type Court = ReturnType<typeof createCourt>;

/** The salt of a commitment is the account's own signature of the evidence: secret, and known again after a crash. */
export function createCourt(
  client: PublicClient,
  deployment: Pick<Deployment, 'chainId' | 'court' | 'registry' | 'committee'>,
  account: LocalAccount,
) {
  const { court, registry, committee } = deployment;
  const read = { address: court, abi: courtAbi } as const;

  const wordsOf = async ({ judge, evidence }: Offence) => {
    const signature = await account.signMessage({ message: { raw: keccak256(evidence) } });
    return [BigInt(JUDGES.indexOf(judge)), evidence, keccak256(signature)] as const;
  };

  /** As the court's `commitmentOf` has it; whoever is asked would learn the salt. */
  const commitmentOf = async (offence: Offence): Promise<Hex> => {
    const [kind, evidence, salt] = await wordsOf(offence);
    const words = [
      BigInt(deployment.chainId),
      court,
      account.address,
      kind,
      keccak256(evidence),
      salt,
    ] as const;
    return keccak256(encodeAbiParameters(COMMITMENT, words));
  };

  return {
    /** Seats of an epoch's roster, zero where there was none. */
    seatCountOf: async (epoch: bigint): Promise<number> => {
      const asked = { address: committee, abi: committeeAbi, functionName: 'roster' } as const;
      return (await client.readContract({ ...asked, args: [epoch] })).seats;
    },

    /** What the court keeps of an epoch: until when it takes evidence, and who was charged with a part or all of its stake. */
    recordOf: async (epoch: bigint): Promise<EpochRecord> => {
      const [deadline, [proven, dearer]] = await Promise.all([
        client.readContract({ ...read, functionName: 'deadlineOf', args: [epoch] }),
        client.readContract({ ...read, functionName: 'charged', args: [epoch] }),
      ]);
      return {
        deadline,
        inPart: seatsOfWords(proven, MAX_SEATS),
        wholly: seatsOfWords(dearer, MAX_SEATS),
      };
    },

    /** Why the judge would convict nobody; null when it would. */
    refusal: async ({ judge, evidence }: Offence): Promise<string | null> => {
      const judges = await client.readContract({ ...read, functionName: 'judges' });
      const address = judges[JUDGES.indexOf(judge)];
      if (address === undefined) return 'JUDGE_UNKNOWN';
      const asked = { address, abi: judgeAbi, functionName: 'judge' } as const;
      return client
        .readContract({ ...asked, args: [registry, evidence] })
        .then(() => null, revertOf);
    },

    /** Whether this account has committed to it. */
    standing: async (offence: Offence, height: bigint): Promise<Commitment> => {
      const commitment = await commitmentOf(offence);
      const at = await client.readContract({
        ...read,
        functionName: 'committedAt',
        args: [account.address, commitment],
      });
      if (at === 0n || height >= at + REVEAL_BLOCKS) return 'none';
      return height > at ? 'open' : 'fresh';
    },

    commit: async (offence: Offence): Promise<Hex> =>
      encodeFunctionData({
        abi: courtAbi,
        functionName: 'commit',
        args: [await commitmentOf(offence)],
      }),

    reveal: async (offence: Offence): Promise<Hex> =>
      encodeFunctionData({
        abi: courtAbi,
        functionName: 'reveal',
        args: await wordsOf(offence),
      }),

    redress: ({ judge, evidence }: Offence): Hex =>
      encodeFunctionData({
        abi: courtAbi,
        functionName: 'redress',
        args: [BigInt(JUDGES.indexOf(judge)), evidence],
      }),

    isRedressed: ({ coverageId, rung, trippedAt, end }: FalseTrip): Promise<boolean> =>
      client.readContract({
        ...read,
        functionName: 'isRedressed',
        args: [coverageId, rung, trippedAt, end],
      }),

    /** What is left to do of an epoch that is over, for a coverage: to close it, then to compensate. */
    settlement: async (
      epoch: bigint,
      coverageId: Hex,
    ): Promise<Readonly<{ kind: string; data: Hex }> | null> => {
      const [pool, loss] = await Promise.all([
        client.readContract({ ...read, functionName: 'poolOf', args: [epoch] }),
        client.readContract({ ...read, functionName: 'lossOf', args: [epoch, coverageId] }),
      ]);
      const asked = { abi: courtAbi } as const;
      if (!pool.closed)
        return {
          kind: 'close',
          data: encodeFunctionData({ ...asked, functionName: 'close', args: [epoch] }),
        };
      if (loss.due === 0n || pool.held === 0n) return null;
      const args = [epoch, coverageId] as const;
      return {
        kind: 'compensate',
        data: encodeFunctionData({ ...asked, functionName: 'compensate', args }),
      };
    },

    /** What a transaction takes at the latest block: in the pending one it may be mined already. Throws its revert. */
    gasOf: async (to: Hex, data: Hex): Promise<bigint> => {
      const abi = [...courtAbi, ...incidentBookAbi];
      return client.estimateContractGas({
        address: to,
        abi,
        ...decodeFunctionData({ abi, data }),
        account: account.address,
        blockTag: 'latest',
      } as never);
    },

    /** The slash and the seat to be enforced next, or null when all are; throws where a provider holds back the log. */
    unenforced: async (): Promise<Unenforced | null> => {
      const [[slashId, seat], count] = await Promise.all([
        client.readContract({ ...read, functionName: 'cursor' }),
        client.readContract({ ...read, functionName: 'slashCount' }),
      ]);
      if (slashId >= count) return null;
      const asked = { ...read, functionName: 'slashAt', args: [slashId] } as const;
      const { height } = await client.readContract(asked);
      const [told] = await client.getContractEvents({
        ...read,
        eventName: 'Upheld',
        args: { slashId },
        fromBlock: height,
        toBlock: height,
        strict: true,
      });
      if (told === undefined) throw fault('SLASH_UNTOLD', { slashId, height });
      const { epoch, landed, challenger, seats } = told.args;
      const own = challenger.toLowerCase() === account.address.toLowerCase();
      return { slashId, slash: { epoch, landed, challenger, seats }, seat, own };
    },

    enforce: ({ slashId, slash }: Unenforced, count: bigint): Hex =>
      encodeFunctionData({
        abi: courtAbi,
        functionName: 'enforce',
        args: [slashId, slash, count],
      }),

    /** Stake that the court owes this account. */
    owed: (): Promise<bigint> =>
      client.readContract({ ...read, functionName: 'rewardOf', args: [account.address] }),

    reward: (): Hex =>
      encodeFunctionData({ abi: courtAbi, functionName: 'reward', args: [account.address] }),

    unburnt: (): Promise<bigint> => client.readContract({ ...read, functionName: 'unburnt' }),

    burn: (): Hex => encodeFunctionData({ abi: courtAbi, functionName: 'burn' }),

    bar: (epoch: bigint, seats: readonly number[]): Hex => {
      const [first = 0n, second = 0n] = seatWords(seats, MAX_SEATS);
      return encodeFunctionData({
        abi: courtAbi,
        functionName: 'bar',
        args: [epoch, [first, second]],
      });
    },
  };
}
