import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { createPublicClient, custom, getAbiItem, type Hex, type PublicClient } from 'viem';
import { registryAbi } from '../../../protocol/abi.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent } from '../../../node/lib/pipeline.ts';
import type { SubmissionState } from '../../../node/store/certificates.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { createSubmitter, type Submitter } from '../../../node/submit/submitter.ts';
import { createSuspects } from '../../../node/submit/suspects.ts';
import { funded, startAnvil } from '../anvil.ts';
import { createNetwork } from './network.ts';

const DEADLINE_MS = 15_000;

/** The event of a trip. */
export const incident = getAbiItem({ abi: registryAbi, name: 'Incident' });

const targetFailed = getAbiItem({ abi: registryAbi, name: 'TargetFailed' });

/** Waits for a condition, never for a time. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + DEADLINE_MS;
  while (!(await holds())) {
    if (Date.now() > end) assert.fail(`never: ${what}`);
    await pause(20);
  }
}

type Line = Readonly<{ msg: string; code?: string }>;

/** A submitter of one seat and all it wrote down and said. */
export type Watcher = Readonly<{
  seat: number;
  submitter: Submitter;
  states: SubmissionState[];
  lines: Line[];
  said: (message: string) => number;
}>;

/** A chain that mines when it is told, and submitters that hear of each block. */
export async function createSubmitters() {
  const anvil = await startAnvil();
  const network = await createNetwork(anvil);
  let snapshot: Hex = '0x';
  let baseFee = 0n;
  let nodes: readonly Watcher[] = [];
  let rulesSeen: readonly object[] = [];

  const tell = async (): Promise<void> => {
    const block = await anvil.client.getBlock();
    const logs = await anvil.client.getLogs({
      address: network.domain.registry,
      event: incident,
      blockHash: block.hash,
      strict: true,
    });
    const failed = await anvil.client.getLogs({
      address: network.domain.registry,
      event: targetFailed,
      blockHash: block.hash,
      strict: true,
    });
    const trips = logs.map(({ args, transactionHash }) => ({
      digest: args.digest,
      coverageId: args.coverageId,
      ruleId: args.verdict.ruleId,
      rung: args.rung,
      end: args.end,
      submitter: args.submitter,
      transaction: transactionHash,
    }));
    const event = {
      kind: 'block',
      block: { height: block.number },
      state: { rules: rulesSeen },
      trips,
      failures: failed.map(({ args }) => args.coverageId),
      seenAt: Date.now(),
    } as unknown as BlockEvent;
    for (const { submitter } of nodes) submitter.note(event);
  };

  return {
    anvil,
    network,
    /** A submitter of one seat; `client` stands between it and the chain. */
    node: (seat: number, client: PublicClient = anvil.client, delayMs = 50): Watcher => {
      const lines: Line[] = [];
      const log = createLog(
        { level: 'debug', format: 'json' },
        { write: (line) => void lines.push(JSON.parse(line) as Line) },
      );
      const states: SubmissionState[] = [];
      const submitter = createSubmitter(
        {
          client,
          sender: createSender({ client, account: funded(seat), chainId: anvil.chain.id }),
          domain: network.domain,
          hub: network.hub,
          own: new Set([network.roster.seats[seat]?.keyHash ?? '0x']),
          suspects: createSuspects(),
          log,
          metrics: createMetrics(new Registry()),
          record: async (_, state) => void states.push(state),
        },
        { delayMs, retryMs: 50 },
      );
      const said = (message: string) => lines.filter(({ msg }) => msg === message).length;
      const made = { seat, submitter, states, lines, said };
      nodes = [...nodes, made];
      return made;
    },
    /** Ends a submitter as a kill does: what it wrote down is all that is left. */
    kill: async (node: Watcher) => {
      await node.submitter.close();
      nodes = nodes.filter((made) => made !== node);
    },
    /** The chain as a seat sees it whose provider treats each request in a way of its own. */
    seenThrough: (
      answer: (
        method: string,
        pass: (params?: readonly unknown[]) => Promise<unknown>,
        params: readonly unknown[],
      ) => Promise<unknown>,
    ): PublicClient =>
      createPublicClient({
        chain: anvil.chain,
        transport: custom(
          {
            request: ({ method, params = [] }: { method: string; params?: readonly unknown[] }) =>
              answer(
                method,
                (others = params) =>
                  anvil.client.request({ method, params: others } as never) as Promise<unknown>,
                params,
              ),
          },
          { retryCount: 0 },
        ),
      }),
    /** What observe would have read of rules from now on: nothing at first. */
    see: (rules: readonly object[]) => {
      rulesSeen = rules;
    },
    /** Tells every submitter what the newest block holds. */
    tell,
    /** Mines a block and tells every submitter of it. */
    mine: async (): Promise<void> => {
      await anvil.test.mine({ blocks: 1 });
      await tell();
    },
    pending: async () =>
      BigInt(await anvil.client.getBlockTransactionCount({ blockTag: 'pending' })),
    incidents: async () => {
      const all = { address: network.domain.registry, event: incident, fromBlock: 0n } as const;
      return (await anvil.client.getLogs(all)).length;
    },
    /** Before each test. */
    begin: async () => {
      baseFee = (await anvil.client.getBlock()).baseFeePerGas ?? 0n;
      snapshot = await anvil.test.snapshot();
      await anvil.test.setAutomine(false);
    },
    /** After each test: the chain as it was. */
    end: async () => {
      await Promise.all(nodes.map(({ submitter }) => submitter.close()));
      [nodes, rulesSeen] = [[], []];
      // A snapshot does not hold the pool.
      await anvil.test.request({
        method: 'anvil_dropAllTransactions' as 'anvil_dropTransaction',
        params: [] as never,
      });
      await anvil.test.setAutomine(true);
      await anvil.test.revert({ id: snapshot });
      await anvil.test.setNextBlockBaseFeePerGas({ baseFeePerGas: baseFee });
    },
    stop: anvil.stop,
  };
}

/** Submitters under test. */
export type Submitters = Awaited<ReturnType<typeof createSubmitters>>;
