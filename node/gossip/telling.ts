import { setTimeout as pause } from 'node:timers/promises';
import type { Hex } from 'viem';
import type { Attestation, Verdict } from '../../protocol/types.ts';
import { encodeAttestation } from '../../protocol/wire.ts';
import { WINDOW } from './context.ts';

/** Seats that are told of a signature at once. */
export const FIRST = 3;
/** From one turn to the next; in each as many more are told as know it, in the last everybody. */
const TURN_MS = 500;
/** However many seats there are: whoever holds the first of them shall not delay an alarm for long. */
const TURNS = 3;

/** What telling stands on; keys are those of seats. */
export type TellingDeps = Readonly<{
  head(): bigint;
  /** Keys in the order in which their seats act on a verdict. */
  orderOf(verdict: Verdict, digest: Hex): readonly Hex[];
  /** Whether a verdict wants no more signatures than it has. */
  isCarried(verdict: Verdict, digest: Hex): boolean;
  /** Tells the holders of these keys alone; whether there is one that was told. */
  tell(bytes: Uint8Array, keys: readonly Hex[]): boolean;
  publish(bytes: Uint8Array): Promise<void>;
  onFault(error: unknown): void;
}>;

/** Whom a signature is told. */
export type Telling = ReturnType<typeof createTelling>;

/**
 * The seats that act first on a verdict hear every signature at once, the others only while no certificate comes of
 * it: one that does spares each of them as many messages as there are seats.
 */
export function createTelling(deps: TellingDeps, signal: AbortSignal, turnMs = TURN_MS) {
  const { orderOf, isCarried, tell, publish } = deps;
  /** Own attestations that not everybody was told of. */
  const untold = new Map<Hex, Attestation>();
  /** Others' that were not passed on. */
  const withheld = new WeakSet<Attestation>();

  const turn = (turns = 1) => pause(turns * turnMs, undefined, { signal }).catch(() => undefined);

  /** Tells the first seats before it resolves. */
  const say = async (attestation: Attestation, digest: Hex): Promise<void> => {
    const bytes = encodeAttestation(attestation);
    const order = orderOf(attestation.verdict, digest);
    if (!tell(bytes, order.slice(0, FIRST))) return publish(bytes);
    void sayInTurns(attestation, digest, order, bytes).catch(deps.onFault);
  };

  const sayInTurns = async (
    attestation: Attestation,
    digest: Hex,
    order: readonly Hex[],
    bytes: Uint8Array,
  ): Promise<void> => {
    for (let told = FIRST, turns = turnsAfter(0, order.length); ; told *= 2, turns--) {
      await turn();
      if (isCarried(attestation.verdict, digest)) return void untold.set(digest, attestation);
      if (turns <= 1) return publish(bytes);
      tell(bytes, order.slice(told, 2 * told));
    }
  };

  /** Whether to pass on what was heard: not while its signer may still tell all others itself, nor once it is carried. */
  const mayPass = async (
    attestation: Attestation,
    digest: Hex,
    hearer: Hex | null,
    isOfSigner: boolean,
  ): Promise<boolean> => {
    const { verdict } = attestation;
    const order = orderOf(verdict, digest);
    const place = hearer === null ? -1 : order.indexOf(hearer);
    const turns = isOfSigner ? turnsAfter(place, order.length) : 0;
    if (turns > 0) await turn(turns);
    if (!isCarried(verdict, digest)) return true;
    withheld.add(attestation);
    return false;
  };

  /** Passes on after all what its signer has contradicted: together they are evidence, which everybody shall hold. */
  const reveal = async (attestation: Attestation): Promise<void> => {
    if (withheld.delete(attestation)) await publish(encodeAttestation(attestation));
  };

  /** To be called at each new block: a strike may have taken from a verdict what had carried it. */
  const advance = async (): Promise<void> => {
    for (const [digest, attestation] of untold) {
      const { verdict } = attestation;
      const isOld = verdict.height + WINDOW < deps.head();
      if (!isOld && isCarried(verdict, digest)) continue;
      untold.delete(digest);
      if (!isOld) await publish(encodeAttestation(attestation));
    }
  };

  return { say, mayPass, reveal, advance };
}

/** Turns that follow the one in which the seat at `place` of `seats` is told; none for who has no place. */
function turnsAfter(place: number, seats: number): number {
  const all = Math.min(Math.ceil(Math.log2(seats / FIRST)), TURNS);
  const own = place < FIRST ? 0 : Math.floor(Math.log2(place / FIRST)) + 1;
  return place < 0 ? 0 : Math.max(all - own, 0);
}
