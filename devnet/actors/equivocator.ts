import { claimsRoot } from '../../protocol/verdict.ts';
import { encodeAttestation } from '../../protocol/wire.ts';
import type { Devnet } from '../devnet.ts';
import type { HeldSeat } from './held.ts';
import { createLiar, type Lie } from './liar.ts';
import { enterRoom } from './room.ts';

/** Signs two verdicts under one key, and tells both to everybody. */
export async function equivocate(
  devnet: Devnet,
  seat: HeldSeat,
  lie: Lie,
  other: Lie['values'],
): Promise<void> {
  const stop = new AbortController();
  const gossip = await enterRoom(devnet, seat, AbortSignal.any([devnet.ended, stop.signal]));
  try {
    const liar = createLiar(devnet, [seat]);
    const verdict = await liar.verdictOf(lie);
    for (const values of [lie.values, other]) {
      const attestation = seat.attest(liar.domain, { ...verdict, claimsRoot: claimsRoot(values) });
      await gossip.publishBytes('attestation', encodeAttestation(attestation));
    }
    await devnet.chain.passBlocks(3, devnet.ended);
  } finally {
    stop.abort();
    await gossip.close();
  }
}
