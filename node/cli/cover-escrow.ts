import { refuse } from '../lib/refusal.ts';
import { bidOver } from '../wallet/sender.ts';
import { TRIP_GAS } from '../submit/submitter.ts';
import type { Head } from './cover-standing.ts';
import { etherOf } from './cover-words.ts';

/** In wei, before and after; nobody rings for less than `least` at the newest block's base fee. */
export type Escrow = Readonly<{ now: bigint; after: bigint; least: bigint }>;

/** An escrow that is filled up to `fund`; refuses one that pays for no trip. */
export function escrowOf({ baseFee }: Head, now: bigint, fund: bigint): Escrow {
  const after = fund > now ? fund : now;
  const least = TRIP_GAS * bidOver(baseFee, TRIP_GAS).maxFeePerGas;
  if (after >= least) return { now, after, least };
  throw refuse('FUNDS_SHORT', {
    field: '--fund',
    problem: `leaves ${etherOf(after)} in the escrow, and nobody rings for less than ${etherOf(least)} at this base fee`,
    fix: 'fund ten times that, since base fees rise in an attack',
  });
}
