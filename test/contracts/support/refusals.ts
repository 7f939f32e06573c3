import assert from 'node:assert/strict';
import type { openRegistry } from './coverage.ts';
import { submit, type VerdictArgs, verdictOf } from './registry.ts';

type Opened = Awaited<ReturnType<typeof openRegistry>>;
type Rungs = Awaited<ReturnType<Opened['rungs']>>;
/** What is said of a verdict, and what is wrong with it, which error says so and with which arguments. */
export type Wrong = readonly [
  string,
  (rig: Rungs, head: bigint) => Promise<[Partial<VerdictArgs>, string, unknown[]]>,
];

/** Every verdict of the table is refused with its error, though every seat signs it. */
export const refusesEach = ({ viem, rungs }: Opened, wrong: readonly Wrong[]) => {
  for (const [name, make] of wrong)
    it(`${name} is refused, however many sign it`, async () => {
      const rig = await rungs();
      const [changes, error, args] = await make(rig, await rig.client.getBlockNumber());
      await viem.assertions.revertWithCustomErrorWithArgs(
        submit(rig, await verdictOf(rig, rig.id, changes)),
        rig.registry,
        error as never,
        args as never,
      );
      assert.equal(await rig.target.read.rung(), 0);
    });
};
