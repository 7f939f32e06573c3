import assert from 'node:assert/strict';
import { numberToHex } from 'viem';
import { type Candidate, type Member, nextJoining } from '../../../node/cli/joining.ts';

const candidate = (id: number, weight: number, paged = false): Candidate => ({
  keyHash: numberToHex(id, { size: 32 }),
  key: '0x',
  weight,
  paged,
});
const membersOf = (weights: readonly number[]): readonly Member[] =>
  weights.map((weight, index) => ({ index, weight }));
const full = (changes: Readonly<Record<number, number>> = {}) =>
  Array.from({ length: 512 }, (_, index) => changes[index] ?? 10);

describe('who joins next', () => {
  for (const [what, candidates, members, expected] of [
    ['nobody when nobody is outside', [], [], null],
    ['nobody who has left', [candidate(1, 0)], [], null],
    [
      'the heaviest first while there is room',
      [candidate(1, 5), candidate(2, 7)],
      membersOf([1]),
      { joined: [2, 1], displaced: [] },
    ],
    ['nobody who is no heavier', [candidate(1, 10)], membersOf(full()), null],
    [
      'the heavier in the places of the lightest',
      [candidate(1, 11), candidate(2, 9), candidate(3, 30)],
      membersOf(full({ 7: 8, 9: 3 })),
      { joined: [3, 1], displaced: [9, 7] },
    ],
    [
      'anybody in the place of whoever has left',
      [candidate(1, 1)],
      membersOf(full({ 4: 0 })),
      { joined: [1], displaced: [4] },
    ],
    [
      'keys with a page apart from keys without one',
      [candidate(1, 5, true), candidate(2, 4), candidate(3, 3, true)],
      membersOf([]),
      { joined: [1, 3], displaced: [] },
    ],
  ] as const)
    it(`is ${what}`, () => {
      const joining = nextJoining(candidates, members);
      const found = joining && {
        joined: joining.candidates.map(({ keyHash }) => Number(keyHash)),
        displaced: [...joining.displaced],
      };
      assert.deepEqual(found, expected);
    });
});
