import type { Hex } from 'viem';
import type { Job } from './delivery.ts';

/** Targets that a transaction of this node is on its way to. */
export type Flights = ReturnType<typeof createFlights>;

/**
 * One at a time for each target, save for a higher rung: a target that works when simulated and fails when mined would
 * be paid for by every rule of its coverage at once.
 */
export function createFlights() {
  const flying = new Map<Hex, Readonly<{ job: Job; isLeaving: boolean }>>();

  const isOpen = (target: Hex, job: Job): boolean => {
    const other = flying.get(target);
    if (other === undefined || other.job === job) return true;
    const { sent, isVoid, trippedAt, certificate } = other.job;
    const isUnderWay = other.isLeaving || (sent !== null && !isVoid && trippedAt === null);
    return !isUnderWay || certificate.verdict.rung < job.certificate.verdict.rung;
  };

  return {
    isOpen,
    /** Null while another is under way; else a function to be called once the job was sent, or was not. */
    take: (target: Hex, job: Job): (() => void) | null => {
      if (!isOpen(target, job)) return null;
      flying.set(target, { job, isLeaving: true });
      return () => {
        if (flying.get(target)?.job === job) flying.set(target, { job, isLeaving: false });
      };
    },
  };
}
