import assert from 'node:assert/strict';
import { getAddress, type Hex } from 'viem';
import {
  falseClaimEvidence,
  falseSilenceEvidence,
  nonSequiturEvidence,
} from '../../../protocol/evidence.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { TOKEN } from '../support/committee.ts';
import { accuse, slashOf, wordsOf } from '../support/court.ts';
import { KIND, landPrices, openJudges, type Rig, signedBy, signPrices } from '../support/judges.ts';
import { ANCHOR, HIGH, LOW, proofOf, verdictAt, write } from '../support/prover.ts';
import { WEIGHTS } from '../support/registry.ts';
import { rollCallOf } from '../support/roll-calls.ts';

const { viem, networkHelpers, fresh } = await openJudges();
const { revertWithCustomErrorWithArgs: reverts, emitWithArgs } = viem.assertions;
const OFFENDERS = [0, 1, 3, 4, 5, 6];
const stakeOf = (seats: readonly number[]) =>
  seats.reduce((sum, seat) => sum + BigInt(WEIGHTS[seat] ?? 0) * TOKEN, 0n);

/** Who lies, how, and what it costs each of its signers of a stake. */
const LIES: readonly (readonly [
  string,
  bigint,
  seats: readonly number[],
  part: bigint,
  (rig: Rig, height: bigint) => Promise<Hex>,
])[] = [
  [
    'a false claim that tripped',
    KIND.falseClaim,
    OFFENDERS,
    1n,
    async (rig, height) => {
      const lie = await landPrices(rig, height, [LOW, ANCHOR], { absent: [2] });
      const proof = await proofOf(rig, rig.id, rig.rule, height);
      return falseClaimEvidence(rig.registry.address, lie, rig.rule, proof);
    },
  ],
  [
    'a false claim that was only signed',
    KIND.falseClaim,
    [1, 4],
    20n,
    async (rig, height) => {
      const lie = await signPrices(rig, height, [LOW, ANCHOR]);
      const proof = await proofOf(rig, rig.id, rig.rule, height);
      return falseClaimEvidence(rig.registry.address, lie, rig.rule, proof);
    },
  ],
  [
    'a trip that does not follow from its claims',
    KIND.nonSequitur,
    OFFENDERS,
    1n,
    async (rig, height) => {
      const lie = await landPrices(rig, height, [HIGH, ANCHOR], { absent: [2] });
      const { address } = rig.registry;
      return nonSequiturEvidence(address, lie, rig.rule, lie.values);
    },
  ],
  [
    'a false roll call',
    KIND.falseSilence,
    [3, 5],
    20n,
    async (rig, height) => {
      const leaves = [{ ruleId: ruleId(rig.rule), state: 1 }];
      const certificate = await signedBy(rig, await rollCallOf(rig, height, leaves), [3, 5]);
      const proof = await proofOf(rig, rig.id, rig.rule, height);
      return falseSilenceEvidence(rig.registry.address, certificate, leaves, 0, rig.rule, proof);
    },
  ],
];

describe('the court', () => {
  for (const [what, kind, seats, part, lieOf] of LIES)
    it(`takes ${part === 1n ? 'all' : 'a twentieth'} of the stakes behind ${what}, once`, async () => {
      const rig = await fresh();
      const { court, registry, epoch, stranger } = rig;
      const height = await write(rig, HIGH);
      const evidence = await lieOf(rig, height);
      const told = accuse(rig, kind, evidence);
      const challenger = getAddress(stranger.account.address);
      const landed = part === 1n;
      const words = wordsOf(seats);
      await emitWithArgs(told, court, 'Upheld', [0n, challenger, epoch, kind, landed, words]);
      assert.deepEqual(await registry.read.struck([epoch]), words);
      await reverts(accuse(rig, kind, evidence), court, 'EvidenceSpent', [epoch]);
      const taken = stakeOf(seats) / part;
      const enforced = court.write.enforce([0n, await slashOf(rig, 0n), 512n]);
      await emitWithArgs(enforced, court, 'Enforced', [0n, 7n, taken, taken / 10n]);
    });

  it('ends a trip by false claims, and leaves one by true ones', async () => {
    const rig = await fresh();
    const { court, target, registry, rule, falseClaim } = rig;
    const height = await write(rig, HIGH);
    const lie = await landPrices(rig, height, [LOW, ANCHOR]);
    assert.equal(await target.read.rung(), 3);
    const proof = await proofOf(rig, rig.id, rule, height);
    const evidence = falseClaimEvidence(registry.address, lie, rule, proof);
    await court.write.redress([KIND.falseClaim, evidence]);
    assert.equal(await target.read.rung(), 0);
    const crash = await write(rig, LOW);
    const truth = await landPrices(rig, crash, [LOW, ANCHOR]);
    const shown = await proofOf(rig, rig.id, rule, crash);
    const honest = falseClaimEvidence(registry.address, truth, rule, shown);
    const { claimsRoot } = await verdictAt(rig, crash, [LOW, ANCHOR]);
    const call = court.write.redress([KIND.falseClaim, honest]);
    await reverts(call, falseClaim, 'ClaimsTrue', [claimsRoot]);
    assert.equal(await target.read.rung(), 3);
  });

  it('says of what no judge can read that it is malformed', async () => {
    const rig = await fresh();
    const { address } = rig.registry;
    const named = address.slice(2).toLowerCase().padStart(64, '0');
    for (const kind of Object.values(KIND))
      for (const evidence of ['0x', '0x1234', `0x12345678${named}`] as const) {
        const call = accuse(rig, kind, evidence);
        await reverts(call, rig.court, 'EvidenceMalformed', [kind]);
        await networkHelpers.mine();
      }
  });
});
