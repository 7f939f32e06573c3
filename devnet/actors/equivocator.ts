import { claimsRoot } from '../../protocol/verdict.ts';
import type { Devnet } from '../devnet.ts';
import type { HeldSeat } from './held.ts';
import { createLiar, type Lie } from './liar.ts';
import { tell } from './room.ts';

/** Signs two verdicts under one key, and tells both to everybody. */
export async function equivocate(
  devnet: Devnet,
  seat: HeldSeat,
  lie: Lie,
  other: Lie['values'],
): Promise<void> {
  const verdict = await createLiar(devnet, [seat]).verdictOf(lie);
  const contrary = { ...verdict, claimsRoot: claimsRoot(other) };
  await tell(
    devnet,
    seat,
    [verdict, contrary].map((said) => seat.attest(devnet.domain, said)),
  );
}
