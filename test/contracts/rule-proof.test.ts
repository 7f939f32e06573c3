import assert from 'node:assert/strict';
import {
  concatHex,
  encodeAbiParameters,
  type Hex,
  keccak256,
  numberToHex,
  parseAbiParameters,
  slice,
  zeroHash,
} from 'viem';
import { sharePriceFallBytecode } from '../../protocol/abi.ts';
import { claimedBlocks, provenBlocks } from '../../protocol/claims.ts';
import type { Rule, Slot } from '../../protocol/types.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { startWorld, type World } from './support/proven-world.ts';
import { errorOf, reverts } from './support/revert.ts';

const word = (value: bigint | number): Hex => numberToHex(value, { size: 32 });

describe('the proof of a rule', () => {
  let world: World;
  let slots: readonly Slot[];
  let rule: Rule;
  let anchor: bigint;
  let height: bigint;
  before(async () => {
    world = await startWorld();
    const [first, second] = [await world.account('first'), await world.account('second')];
    slots = [
      { account: first, slot: word(1) },
      { account: second, slot: word(1) },
      { account: first, slot: word(2) },
    ];
    const predicate = await deployed(sharePriceFallBytecode);
    rule = {
      class: 'A',
      rung: 3,
      life: 600,
      family: 'price',
      detector: 'share-price-fall@1.0.0',
      ...predicate,
      gas: 50_000,
      reference: { kind: 'none' },
      hold: 0,
      startBlock: 0n,
      slots,
      params: encodeAbiParameters(parseAbiParameters('uint32'), [200]),
    };
    await world.mine(5);
    // Each block has values of its own.
    for (let index = 1n; index <= 12n; index++) {
      height = await world.write(
        slots.slice(0, 2).map((slot, place) => [slot, 100n * index + BigInt(place)] as const),
      );
      if (index === 2n) anchor = height;
    }
    await world.mine(2);
  });
  after(() => world.anvil.stop());

  const deployed = async (bytecode: Hex) => {
    const { wallet, client } = world.anvil;
    const hash = await wallet.sendTransaction({ data: bytecode });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash });
    const code = contractAddress!;
    return { code, codeHash: keccak256((await client.getCode({ address: code })) ?? '0x') };
  };
  const ask = <T>(functionName: string, args: readonly unknown[]) =>
    world.anvil.client.readContract({
      ...world.harness,
      functionName,
      args,
    } as never) as Promise<T>;
  const anchorHash = async () => (await world.headerAt(anchor)).hash;
  const prove = async (of: Rule, proofs: readonly Hex[], at = height) =>
    ask<readonly [readonly Hex[], bigint]>('prove', [
      evmRule(of),
      at,
      await anchorHash(),
      concatHex(proofs),
    ]);

  for (const [what, shape, blocks] of [
    ['alone', {}, 1],
    ['with what was before', { reference: { kind: 'lookback', blocks: 2 } }, 2],
    ['that holds', { hold: 3 }, 2],
    [
      'that holds, with what was before',
      { hold: 3, reference: { kind: 'lookback', blocks: 2 } },
      4,
    ],
    [
      'that holds as long as it looks back',
      { hold: 2, reference: { kind: 'lookback', blocks: 2 } },
      3,
    ],
    ['with its anchor', { reference: { kind: 'anchor' } }, 2],
    ['that holds, with its anchor', { hold: 4, reference: { kind: 'anchor' } }, 3],
  ] as const)
    it(`shows all the values of one ${what}, by ${blocks} blocks`, async () => {
      const shaped: Rule = { ...rule, ...shape };
      const proofs = await world.proofsOf(shaped, height, anchor);
      assert.equal(proofs.length, blocks);
      const claimed = claimedBlocks(shaped, height);
      const expected = await Promise.all(
        claimed.flatMap((block) =>
          slots.map((slot) => world.valueAt(block === 'anchor' ? anchor : block, slot)),
        ),
      );
      const [values, timestamp] = await prove(shaped, proofs);
      assert.deepEqual(values, expected);
      assert.equal(new Set(values).size, 1 + 2 * provenBlocks(shaped, height).length);
      assert.equal(timestamp, BigInt((await world.headerAt(height)).timestamp));
    });

  it('shows a slot as often as the rule names it', async () => {
    const twice: Rule = { ...rule, slots: [slots[0]!, slots[0]!] };
    const [values] = await prove(twice, await world.proofsOf(twice, height, anchor));
    assert.deepEqual(values, [word(1200), word(1200)]);
  });

  const lookback = (): Rule => ({ ...rule, reference: { kind: 'lookback', blocks: 2 } });
  for (const [what, forge, error] of [
    ['nothing', () => [], 'RlpTruncated'],
    ['a block too few', ([now]) => [now!], 'RlpTruncated'],
    ['a block too many', ([now, before]) => [now!, before!, now!], 'ProofTooLong'],
    ['a byte too many', ([now, before]) => [now!, before!, '0x00'], 'ProofTooLong'],
    ['a byte too few', ([now, before]) => [now!, slice(before!, 0, -1)], 'RlpTruncated'],
  ] as readonly (readonly [string, (proofs: readonly Hex[]) => readonly Hex[], string])[])
    it(`is refused with ${what}`, async () => {
      const proofs = await world.proofsOf(lookback(), height, anchor);
      const { name } = await errorOf(prove(lookback(), forge(proofs)), world.harness);
      assert.equal(name, error);
    });

  it('is refused with its blocks in another order', async () => {
    const proofs = await world.proofsOf(lookback(), height, anchor);
    const [{ hash }, { hash: earlier }] = [
      await world.headerAt(height),
      await world.headerAt(height - 2n),
    ];
    await reverts(
      prove(lookback(), proofs.toReversed()),
      world.harness,
      'HeaderMismatch',
      hash,
      earlier,
    );
  });

  it('is refused at another height, and with another anchor', async () => {
    const anchored: Rule = { ...rule, reference: { kind: 'anchor' } };
    const proofs = await world.proofsOf(anchored, height, anchor);
    const { hash } = await world.headerAt(height);
    const next = await world.headerAt(height + 1n);
    const future = height + 99n;
    await reverts(
      prove(rule, proofs.slice(0, 1), height + 1n),
      world.harness,
      'HeaderMismatch',
      next.hash,
      hash,
    );
    await reverts(prove(rule, proofs.slice(0, 1), future), world.harness, 'BlockUnknown', future);
    await reverts(
      ask('prove', [evmRule(anchored), height, zeroHash, concatHex(proofs)]),
      world.harness,
      'HeaderMismatch',
      zeroHash,
      await anchorHash(),
    );
  });

  it('is refused where a rule looks back further than the chain goes', async () => {
    const far: Rule = { ...rule, hold: 50, reference: { kind: 'lookback', blocks: 46 } };
    for (const low of [0n, 95n, 2n ** 256n - 1n])
      await reverts(prove(far, [], low), world.harness, 'ReachTooFar', low, 96n);
  });
});
