import assert from 'node:assert/strict';
import { clipped, folded, table } from '../../devnet/text.ts';

describe('text of the devnet', () => {
  for (const [text, width, lines] of [
    ['', 5, ['']],
    ['one two', 7, ['one two']],
    ['one two', 6, ['one', 'two']],
    ['immeasurable', 4, ['immeasurable']],
  ] as const)
    it(`"${text}" folded at ${width} is ${lines.length} lines`, () => {
      assert.deepEqual(folded(text, width), lines);
    });

  for (const [line, columns, cut] of [
    ['12345', 5, '12345'],
    ['123456', 5, '1234…'],
    ['\x1b[31m12345\x1b[0m', 5, '\x1b[31m12345\x1b[0m'],
    ['\x1b[31m123456\x1b[0m', 5, '1234…'],
  ] as const)
    it(`${JSON.stringify(line)} in ${columns} columns is ${JSON.stringify(cut)}`, () => {
      assert.equal(clipped(line, columns), cut);
    });

  it('cells of a table stand under each other', () => {
    assert.equal(
      table([
        ['', 'MB'],
        ['node', '7'],
      ]),
      '      MB\nnode   7\n',
    );
  });
});
