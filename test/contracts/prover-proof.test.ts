import { concatHex, type Hex, size, slice } from 'viem';
import type { Rule, Slot } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import {
  HIGH,
  LOW,
  openProver,
  placeSlots,
  proofOf,
  proofsOn,
  type Rig,
  word,
  write,
} from './support/prover.ts';
import { type Refused, refusesEach } from './support/prover-refusals.ts';
import { arm, asOwner } from './support/registry.ts';

const opened = await openProver();
const { viem, networkHelpers } = opened;
const client = await viem.getPublicClient();
const proofs = proofsOn({ client });

/** Without its last byte. */
const cut = (proof: Hex): Hex => slice(proof, 0, -1);
const hashAt = async (blockNumber: bigint) => (await client.getBlock({ blockNumber })).hash;

describe('a proof', () => {
  const headerOf = (height: bigint) => proofs.proofAt(height, []);
  const anchorProof = async ({ registry, id, rule }: Rig) => {
    const blockHash = await registry.read.anchor([id, ruleId(rule)]);
    return proofs.proofAt((await client.getBlock({ blockHash })).number, rule.slots);
  };
  /** The proof of one slot in place of the rule's. */
  const inPlace = async (rig: Rig, other: Slot): Promise<Refused> => {
    const height = await write(rig, LOW, other);
    const proof = concatHex([await proofs.proofAt(height, [other]), await anchorProof(rig)]);
    return { height, proof, by: 'prover', error: 'NodeMismatch' };
  };

  refusesEach(opened, [
    ['of another account', async (rig) => inPlace(rig, await placeSlots(rig))],
    ['of another slot', async (rig) => inPlace(rig, { ...rig.slot, slot: word(2) })],
    [
      'that a slot is empty, by the trie of a block before it was written,',
      async (rig, height) => {
        const { account } = rig.slot;
        const slot = { account, slot: word(3) };
        const now = await write(rig, HIGH, slot);
        const { nodes } = await proofs.partsAt(now, account, [slot.slot]);
        const { slots } = await proofs.partsAt(height, account, [slot.slot]);
        const proof = concatHex([await headerOf(now), nodes, ...slots]);
        const rule: Rule = { ...rig.faulting, slots: [slot] };
        return { rule, proof, by: 'prover', error: 'NodeMismatch' };
      },
    ],
    [
      'under another state root',
      async (rig, height) => {
        const now = await write(rig, LOW - 1n);
        const former = slice(
          await proofs.proofAt(height, [rig.slot]),
          size(await headerOf(height)),
        );
        const proof = concatHex([await headerOf(now), former, await anchorProof(rig)]);
        return { proof, by: 'prover', error: 'NodeMismatch' };
      },
    ],
    [
      'with the header of another block',
      async (rig, height) => {
        await networkHelpers.mine();
        const args = [await hashAt(height + 1n), await hashAt(height)];
        const proof = await proofOf(rig, rig.id, rig.rule, height);
        return { proof, by: 'prover', error: 'HeaderMismatch', args };
      },
    ],
    [
      'with another anchor',
      async (rig, height) => {
        const { registry, id, rule } = rig;
        const former = await registry.read.anchor([id, ruleId(rule)]);
        const proof = await proofOf(rig, id, rule, height);
        await registry.write.disarm([id, ruleId(rule)], asOwner(rig));
        await arm(rig, id, rule);
        const args = [await registry.read.anchor([id, ruleId(rule)]), former];
        return { height, proof, by: 'prover', error: 'HeaderMismatch', args };
      },
    ],
    [
      'of the block it would be in',
      async (rig, height) => {
        const proof = await proofOf(rig, rig.id, rig.rule, height);
        const next = height + 1n;
        return { height: next, proof, by: 'prover', error: 'BlockUnknown', args: [next] };
      },
    ],
    [
      'of a block that is 33 blocks old',
      async (_, height) => {
        await networkHelpers.mine(32);
        return { height, by: 'registry', error: 'VerdictTooOld', args: [height, height + 1n] };
      },
    ],
    [
      'that looks back further than the chain goes',
      async ({ held }) => ({
        rule: held,
        height: 1n,
        proof: '0x',
        by: 'prover',
        error: 'ReachTooFar',
        args: [1n, 2n],
      }),
    ],
    [
      'that is cut short',
      async (rig, height) => {
        const proof = cut(await proofOf(rig, rig.id, rig.rule, height));
        return { proof, by: 'prover', error: 'RlpTruncated' };
      },
    ],
    [
      'that is padded',
      async (rig, height) => {
        const proof = await proofOf(rig, rig.id, rig.rule, height);
        const args = [BigInt(size(proof)), BigInt(size(proof)) + 1n];
        const padded = concatHex([proof, '0x00']);
        return { proof: padded, by: 'prover', error: 'ProofTooLong', args };
      },
    ],
    ['of nothing', async () => ({ proof: '0x', by: 'prover', error: 'RlpTruncated' })],
  ]);
});
