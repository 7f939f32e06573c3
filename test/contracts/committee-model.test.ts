import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Key, keyAt, keysFrom } from './support/bls.ts';
import { passEpoch } from './support/committee.ts';
import { rosterCode } from './support/roster.ts';
import { createRosterModel, type Moment } from './support/roster-model.ts';
import { openCommittee, pageOf } from './support/weighed-committee.ts';

const FULL = 512;
const step = fc.record({ kind: fc.constant('step' as const), isDue: fc.boolean() });
const index = fc.nat(FULL - 1);
const doings = fc.oneof(
  { weight: 6, arbitrary: step },
  fc.record({ kind: fc.constant('pass' as const), blocks: fc.integer({ min: 1, max: 40 }) }),
  fc.record({
    kind: fc.constant('weigh' as const),
    members: fc.array(index, { maxLength: 40 }),
    weight: fc.integer({ min: 0, max: 12 }),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('join' as const),
      weight: fc.integer({ min: 0, max: 14 }),
      count: fc.integer({ min: 1, max: 6 }),
      displaced: fc.array(index, { maxLength: 6 }),
      lightest: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('rejoin' as const), key: fc.nat(FULL + 8), displaced: index }),
);

describe('Committee', () => {
  it('is what a plain model says, whatever joins, leaves, displaces and steps in whatever order', async () => {
    const sequence = fc.tuple(
      fc.constantFrom(130, 300, 509, FULL),
      fc.array(doings, { minLength: 30, maxLength: 30, size: 'max' }),
    );
    await fc.assert(
      fc.asyncProperty(sequence, async ([count, plan]) => {
        const { client, committee, weigh, codeOf, networkHelpers } = await openCommittee();
        const model = createRosterModel();
        let known = 0;
        let nonce = 1;
        let compared = 0n;

        /** The block that the next transaction makes. */
        const next = async (): Promise<Moment> => {
          const { number, timestamp } = await client.getBlock();
          await networkHelpers.time.setNextBlockTimestamp(timestamp + 1n);
          const epoch = await committee.read.epochAt([timestamp + 1n]);
          return { height: number + 1n, time: timestamp + 1n, epoch };
        };
        const agree = async (call: () => Promise<unknown>, expected: string | null) => {
          if (expected === null) await call();
          else await assert.rejects(call(), new RegExp(`\\b${expected}\\b`));
        };
        const setWeights = async (keys: readonly Key[], weight: number) => {
          model.weigh(keys, weight);
          await weigh(keys, weight);
        };
        const writePage = async (keys: readonly Key[], displaced: readonly number[]) => {
          const expected = model.writePage(keys, displaced, nonce, await next());
          await agree(() => committee.write.writePage([pageOf(keys), displaced]), expected);
        };
        const compare = async () => {
          const { epoch, seats } = model.latest();
          const opened = await committee.read.latestEpoch();
          assert.equal(opened, epoch);
          const [hashes] = await committee.read.members();
          assert.deepEqual(
            hashes,
            model.members().map(({ hash }) => hash),
          );
          if (epoch === compared) return;
          compared = epoch;
          const roster = await committee.read.roster([epoch]);
          assert.equal(await codeOf(roster.nonce), rosterCode(seats));
        };

        for (; known < count; known += 127) {
          const keys = keysFrom(Math.min(127, count - known), known);
          await setWeights(keys, 10);
          nonce = await client.getTransactionCount({ address: committee.address });
          await writePage(keys, []);
        }
        known = count;
        for (const doing of plan) {
          nonce = await client.getTransactionCount({ address: committee.address });
          switch (doing.kind) {
            case 'step':
              if (doing.isDue && (await next()).epoch === model.latest().epoch)
                await passEpoch({ networkHelpers });
              await agree(() => committee.write.openEpoch(), model.openEpoch(await next()));
              break;
            case 'pass':
              await networkHelpers.mine(doing.blocks);
              break;
            case 'weigh':
              await setWeights(doing.members.map(keyAt), doing.weight);
              break;
            case 'join': {
              const keys = keysFrom(doing.count, known);
              known += keys.length;
              await setWeights(keys, doing.weight);
              await writePage(
                keys,
                doing.lightest ? model.lightest().slice(0, 6) : doing.displaced,
              );
              break;
            }
            case 'rejoin': {
              const key = keyAt(doing.key);
              const expected = model.rejoin(key, [doing.displaced], await next());
              await agree(() => committee.write.rejoin([[key.hash], [doing.displaced]]), expected);
              break;
            }
          }
          await compare();
        }
      }),
      { numRuns: 6 },
    );
  }).timeout(180_000);
});
