import assert from 'node:assert/strict';
import { ruleId } from '../../../protocol/verdict.ts';
import { CLASS } from './hub.ts';
import { type Attempt, LOW, type openProver, prove, type Rig, write } from './prover.ts';

/** What nothing refused may change. */
export const stateOf = async ({ registry, hub, target, id, rule }: Rig) => ({
  coverage: await registry.read.coverage([id]),
  rule: await registry.read.ruleState([id, ruleId(rule)]),
  stop: await hub.read.tripOf([target.address, 3]),
  room: await hub.read.roomOf([target.address, 3, CLASS.A]),
  rung: await target.read.rung(),
  failedAt: await registry.read.failedAt([id]),
});

/** What a trip is tried with, and which contract refuses it with which error. */
export type Refused = Attempt &
  Readonly<{ by: 'prover' | 'registry' | 'hub'; error: string; args?: readonly unknown[] }>;
/** What is wrong with a trip; at `height` the price has fallen, and an honest one would succeed. */
export type Case = readonly [string, (rig: Rig, height: bigint) => Promise<Refused>];

/** Each is refused with its error, and leaves everything as it is. */
export const refusesEach = (
  { viem, fresh }: Awaited<ReturnType<typeof openProver>>,
  cases: readonly Case[],
) => {
  const { revertWithCustomError, revertWithCustomErrorWithArgs } = viem.assertions;
  for (const [name, make] of cases)
    it(`${name} trips nothing`, async () => {
      const rig = await fresh();
      const { by, error, args, ...attempt } = await make(rig, await write(rig, LOW));
      const before = await stateOf(rig);
      const call = prove(rig, attempt);
      if (args === undefined) await revertWithCustomError(call, rig[by], error as never);
      else await revertWithCustomErrorWithArgs(call, rig[by], error as never, args as never);
      assert.deepEqual(await stateOf(rig), before);
    });
};
