import { encodeFunctionData } from 'viem';
import { reasonOf } from '../lib/chain.ts';
import { createLookout, type Lookout } from '../lib/lookout.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { BlockEvent } from '../lib/pipeline.ts';
import type { Pending } from '../store/pending.ts';
import { createErrand } from '../wallet/errand.ts';
import { revertOf } from '../wallet/revert.ts';
import type { Sender } from '../wallet/sender.ts';
import type { Act } from './act.ts';
import { createDisputes } from './disputes.ts';
import { createDues } from './dues.ts';
import { createIncidents, type IncidentsDeps } from './incidents.ts';

/** Sees to it that what this watcher has earned is booked, and paid. */
export type Bookkeeper = Lookout;

/** What a bookkeeper works with. `least` is the pay that is worth a transaction; null for none that is. */
export type BookkeeperDeps = Omit<IncidentsDeps, 'least' | 'account'> &
  Readonly<{
    pending: Pending;
    sender: Sender;
    least: bigint | null;
    metrics: Metrics;
  }>;

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** One act at a time, simulated before it is sent; incidents first, since signers are added for 32 blocks alone. */
export async function createBookkeeper(deps: BookkeeperDeps): Promise<Bookkeeper> {
  const { client, sender, least, log, metrics } = deps;
  const errand = await createErrand(sender, deps.pending);
  const earning = { ...deps, account: sender.address };
  const work = least === null ? null : createWork({ ...earning, least });
  let sent: Act | null = null;

  /** What the whole transaction may take, by simulation; null, and said, where it would fail. */
  const callOf = async (act: Act) => {
    try {
      const asked = { ...act, account: sender.address, blockTag: 'latest' } as const;
      const gas = ((await client.estimateContractGas(asked)) * 13n) / 10n;
      return { to: act.address, data: encodeFunctionData(act), gas };
    } catch (error) {
      log.debug('bookkeeping not sent', { kind: act.kind, ...act.about, code: revertOf(error) });
      return null;
    }
  };

  const look = async (seen: BlockSeen): Promise<void> => {
    const { height } = seen.block;
    if (!errand.isFree()) {
      await errand.isWaiting(sent === null ? null : await callOf(sent), height);
      return;
    }
    if (work === null) return;
    const send = async (act: Act): Promise<boolean> => {
      const call = await callOf(act);
      if (call === null) return false;
      const transaction = await errand.send(call, height);
      if (transaction === null) {
        log.warn('the hot wallet cannot pay for bookkeeping', { kind: act.kind, gas: call.gas });
        return false;
      }
      sent = act;
      metrics.transactions.inc({ kind: act.kind });
      log.info('bookkeeping sent', { kind: act.kind, ...act.about, transaction });
      return true;
    };
    if (!(await work.incidents.look(seen, send))) await work.dues.look(seen, send);
  };

  const lookout = createLookout(look, (error) => {
    metrics.rpc.inc({ code: 'PAY' });
    log.warn('bookkeeping failed', { code: reasonOf(error) });
  });
  return {
    ...lookout,
    note: (event) => {
      // Also of a block that is not looked at.
      work?.incidents.note(event);
      return lookout.note(event);
    },
  };
}

const createWork = (deps: IncidentsDeps) => ({
  incidents: createIncidents(deps),
  dues: createDues({ ...deps, disputes: createDisputes(deps) }),
});
