import assert from 'node:assert/strict';
import { type Hex, toRlp } from 'viem';
import { accountsOf, blockProof } from '../../protocol/block-proof.ts';
import { Fault } from '../../protocol/fault.ts';
import { packProof } from '../../protocol/trie-proof.ts';

const place: Hex = `0x${'5a'.repeat(32)}`;
const hash: Hex = `0x${'33'.repeat(32)}`;
const coded = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

describe("a provider's answers", () => {
  it('are asked for account by account, however an account is written', () => {
    const [lower, upper] = [`0x${'ab'.repeat(20)}`, `0x${'AB'.repeat(20)}`] as const;
    const other = `0x${'cd'.repeat(20)}` as const;
    const slots = [other, lower, upper, other].map((account) => ({ account, slot: hash }));
    assert.deepEqual(accountsOf(slots), [other, lower]);
  });

  it('lose what they say of a trie that holds nothing, and nodes that lie within others', () => {
    assert.equal(packProof([], place), '0x');
    assert.equal(packProof(['0x80'], place), '0x');
    const short = toRlp(['0x31', '0x05']);
    const holding = toRlp([short, ...Array.from({ length: 16 }, (): Hex => '0x')]);
    assert.equal(packProof([holding, short], place), holding);
  });

  for (const [what, node] of [
    ['text', '0x'],
    ['a string', toRlp(hash)],
    ['three items', toRlp([hash, hash, hash])],
    ['a list cut short', '0xf85011'],
  ] as const)
    it(`are refused with ${what} for a node`, () => {
      assert.throws(() => packProof([node], place), coded('NODE_INVALID'));
    });

  it('are refused without an account, or without one of its slots', () => {
    const account: Hex = `0x${'ab'.repeat(20)}`;
    const header = {} as Parameters<typeof blockProof>[0];
    const slots = [{ account, slot: hash }];
    const answer = { accountProof: [], storageProof: [{ key: place, proof: [] }] };
    for (const answers of [new Map(), new Map([[account, answer]])])
      assert.throws(() => blockProof(header, slots, answers), coded('PROOF_MISSING'));
  });
});
