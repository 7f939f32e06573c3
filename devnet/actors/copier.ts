import type { Hex } from 'viem';
import type { Attestation } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { encodeAttestation } from '../../protocol/wire.ts';
import type { Devnet } from '../devnet.ts';
import { until } from '../wait.ts';
import type { HeldSeat } from './held.ts';
import { enterRoom } from './room.ts';

const LOOK_MS = 250;

/** A seat that watches nothing: it signs the first thing that it hears, and tells everybody. */
export async function sitCopying(devnet: Devnet, seat: HeldSeat) {
  const { chain, coverages, domain, ended: signal } = devnet;
  const covered = Object.values(coverages);
  const ruleOf = (coverageId: Hex, id: Hex) => {
    const rules = covered.find((coverage) => coverage.coverageId === coverageId)?.rules ?? [];
    const rule = rules.find((each) => ruleId(each) === id);
    return rule === undefined ? null : { rule };
  };
  let head = await chain.height();
  const room = await enterRoom(devnet, seat, () => ({ head, ruleOf }));
  // Of blocks far ahead of the one it knows a seat hears nothing.
  const unwatch = chain.client.watchBlockNumber({
    pollingInterval: LOOK_MS,
    onBlockNumber: (height) => (head = height),
  });
  let copy: Attestation | null = null;
  const copying = (async () => {
    for await (const { verdict } of room.attestations) {
      copy = seat.attest(domain, verdict);
      return room.publishBytes('attestation', encodeAttestation(copy));
    }
  })();
  return {
    /** What it has signed, once it has heard something. */
    copied: () => until('the copier to hear something', async () => copy, { signal }),
    leave: async (): Promise<void> => {
      unwatch();
      await room.close();
      await copying;
    },
  };
}
