import assert from 'node:assert/strict';
import { isRefusal, type RefusalCode, refusalLine } from '../../node/lib/refusal.ts';

/** Asserts that something is refused with a code, and that its line starts as it should. */
export async function refusedWith(
  code: RefusalCode,
  start: string,
  act: () => unknown,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    assert.equal(error.code, code);
    const line = refusalLine(error.data);
    assert.ok(line.startsWith(start), `expected "${start}...", got "${line}"`);
    assert.ok(!line.includes('\n'));
    return;
  }
  assert.fail(`expected ${code}`);
}
