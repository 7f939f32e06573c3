import { Registry } from 'prom-client';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { Pending } from '../../../node/store/pending.ts';
import { createEpochKeeper, type EpochKeeper } from '../../../node/submit/epoch-keeper.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { type Anvil, funded } from '../anvil.ts';
import type { Network } from './network.ts';

/** What a keeper remembers, without a disk. */
export const inMemory = (): Pending => {
  let kept: Awaited<ReturnType<Pending['get']>> = null;
  return {
    get: async () => kept,
    set: async (sent) => {
      kept = sent;
    },
  };
};

/** The keeper of one seat of a network. */
export const keeperOf = (
  anvil: Anvil,
  network: Network,
  seat: number,
  pending = inMemory(),
): Promise<EpochKeeper> =>
  createEpochKeeper({
    pending,
    client: anvil.client,
    sender: createSender({
      client: anvil.client,
      account: funded(seat),
      chainId: anvil.chain.id,
    }),
    committee: network.committee,
    own: new Set([network.roster.seats[seat]?.keyHash ?? '0x']),
    log: createLog({ level: 'silent', format: 'json' }),
    metrics: createMetrics(new Registry()),
  });
