import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { picture, type Scene, type Shown } from '../../devnet/picture.ts';
import { stakesOf } from '../../devnet/stakes.ts';

const watcher = (stake: bigint, number: number): Shown => ({
  number,
  stake,
  state: { healthy: true, height: '123456', seat: number, peers: 63, findings: 9 },
});
const scene = (count: number, changed: Partial<Scene> = {}): Scene => ({
  scenario: 'vault-drain',
  height: 123_456n,
  time: '1234.5 s',
  watchers: stakesOf(count).map(watcher),
  findings: 7,
  signed: 0n,
  rungs: { vault: 3, market: 0 },
  events: Array.from({ length: 8 }, (_, index) => `event ${index} ${'long '.repeat(40)}`),
  ...changed,
});
const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

describe('picture of the devnet', () => {
  for (const [count, columns, rows] of [
    [7, 80, 24],
    [7, 100, 30],
    [7, 40, 20],
    [64, 80, 24],
    [64, 200, 100],
  ] as const)
    it(`${count} watchers fit a terminal of ${columns} by ${rows} without a line that wraps or scrolls`, () => {
      const lines = plain(picture(scene(count), { columns, rows }));
      assert.ok(lines.length < rows, `${lines.length} lines`);
      assert.ok(lines.every((line) => line.length <= columns));
    });

  it('shows every watcher where there is room, and says how many it leaves out where not', () => {
    const rowsOf = (rows: number) =>
      plain(picture(scene(64), { columns: 80, rows })).filter((line) => /^ {2}watcher /.test(line));
    assert.equal(rowsOf(100).length, 64);
    const left = 64 - rowsOf(24).length;
    assert.ok(plain(picture(scene(64), { columns: 80, rows: 24 })).includes(`  and ${left} more`));
  });

  for (const [percent, said] of [
    [33n, '33 %'],
    [34n, '34 %  quorum of rung 1'],
    [51n, '51 %  quorum of rung 2'],
    [67n, '67 %  quorum of rung 3'],
  ] as const)
    it(`stake of ${percent} per cent is told as ${said}`, () => {
      const lines = picture(scene(7, { signed: percent * 10_000n }), { columns: 100, rows: 30 });
      assert.ok(plain(lines).some((line) => line.endsWith(said)));
    });

  it('a watcher that does not answer is silent', () => {
    const watchers = [{ number: 0, stake: 1n, state: null }];
    const lines = plain(picture(scene(7, { watchers }), { columns: 80, rows: 24 }));
    assert.ok(lines.some((line) => /^ {2}watcher 0 .* silent$/.test(line)));
  });
});
