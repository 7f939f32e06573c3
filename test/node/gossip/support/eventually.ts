import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a condition, with a deadline. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await wait(20);
  }
}
