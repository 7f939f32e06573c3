import { faults } from '../protocol/fault.ts';

/** What a person can put right ends in one line and status 2; what broke, in one line and status 1. */
export const fault = faults<{
  REFUSED: { line: string };
  CHILD_FAILED: { name: string; line: string };
  TIMED_OUT: { waitedFor: string; seconds: number };
  EXPECTED: { what: string };
}>();

/** A wrong argument, a port in use, a missing binary. */
export const refuse = (line: string) => fault('REFUSED', { line });

/** An asserting verb's failure. */
export const expected = (what: string) => fault('EXPECTED', { what });
