import type { Hex, PublicClient } from 'viem';
import { bountiesAbi, payrollAbi, watchersAbi } from '../../protocol/abi.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { reasonOf } from '../lib/chain.ts';
import type { Log } from '../lib/log.ts';
import type { OwnKeys } from '../lib/own-keys.ts';
import type { BlockEvent } from '../lib/pipeline.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Due, Send } from './act.ts';
import type { Disputes } from './disputes.ts';

/** What coverages owe this watcher, and its account. */
export type Dues = ReturnType<typeof createDues>;

/** What it works with. `account` is credited for trips by proof; `least` is the pay that is worth a transaction. */
export type DuesDeps = Readonly<{
  client: PublicClient;
  deployment: Deployment;
  disputes: Disputes;
  own: OwnKeys;
  account: Hex;
  least: bigint;
  log: Log;
}>;

/** Blocks from one round of questions to the next. */
const ROUND_BLOCKS = 256n;
/** Questions a block. */
const AT_ONCE = 16;
/** Runs and entries that are looked at to tell what is owed, and by one transaction: less than 4,000 gas each. */
const LOOK = 4_096n;
const STEP = 256n;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/**
 * Asks by simulation what each claim would pay; nothing is read of the past. Coverages are those that this run has seen
 * alive: what a coverage owed that was retired before is claimed by hand.
 */
export function createDues(deps: DuesDeps, { step = STEP }: { step?: bigint } = {}) {
  const { client, deployment, own, account, least, log } = deps;
  const bounties = { address: deployment.bounties, abi: bountiesAbi } as const;
  const coverages = new Set<Hex>();
  let waiting: readonly Due[] = [];
  let nextRound = 0n;

  const operatorOf = async (): Promise<Hex | null> => {
    const operators = await Promise.all(
      [...own].map((keyHash) =>
        client.readContract({
          address: deployment.watchers,
          abi: watchersAbi,
          functionName: 'operatorOfKey',
          args: [keyHash],
        }),
      ),
    );
    return operators.find((operator) => BigInt(operator) !== 0n) ?? null;
  };

  /** Of both ledgers, which are claimed from alike. */
  const claim = (ledger: Hex, operator: Hex, coverageId: Hex): Due => {
    const to = { address: ledger, abi: payrollAbi, functionName: 'claim' } as const;
    return {
      owed: async () => {
        const asked = { ...to, args: [operator, coverageId, LOOK], account } as const;
        try {
          return (await client.simulateContract(asked)).result;
        } catch (error) {
          const code = revertOf(error);
          if (code !== 'NothingToClaim') log.debug('nothing claimed', { coverageId, code });
          return 0n;
        }
      },
      act: (owed) => ({
        ...to,
        kind: 'claim',
        about: { coverageId, ledger, owed },
        args: [operator, coverageId, step],
      }),
    };
  };

  const credit: Due = {
    owed: () => client.readContract({ ...bounties, functionName: 'creditOf', args: [account] }),
    act: (owed) => ({
      ...bounties,
      kind: 'credit',
      about: { owed },
      functionName: 'collect',
      args: [account],
    }),
  };

  /** What cannot be answered is left to the next round, and keeps nothing else from being claimed. */
  const leave =
    <T>(instead: T) =>
    (error: unknown): T => {
      log.debug('not known what is owed', { code: reasonOf(error) });
      return instead;
    };

  const begin = async (height: bigint): Promise<void> => {
    const [operator, lapses] = await Promise.all([
      operatorOf(),
      deps.disputes.read(height).catch(leave([])),
    ]);
    const claims = [...coverages].flatMap((id) =>
      operator === null
        ? []
        : [claim(deployment.payroll, operator, id), claim(deployment.bounties, operator, id)],
    );
    waiting = [...claims, ...lapses, credit];
    nextRound = height + ROUND_BLOCKS;
  };

  return {
    /** Sends the first of those that are worth it; whether there was one. */
    look: async ({ block, state }: BlockSeen, send: Send): Promise<boolean> => {
      for (const { coverageId } of state.rules) coverages.add(coverageId);
      if (waiting.length === 0 && block.height >= nextRound) await begin(block.height);
      const batch = waiting.slice(0, AT_ONCE);
      const owed = await Promise.all(batch.map((due) => due.owed().catch(leave(0n))));
      for (const [index, due] of batch.entries()) {
        const amount = owed[index]!;
        // Asked again once it is mined: one claim may not be all.
        if (amount > 0n && amount >= least && (await send(due.act(amount)))) return true;
        waiting = waiting.slice(1);
      }
      return false;
    },
  };
}
