import assert from 'node:assert/strict';
import { isRefusal } from '../../../node/lib/refusal.ts';
import { MAX_YAML, parseYaml } from '../../../node/lib/yaml.ts';

/** What is wrong with a document, as it is told. */
function problemOf(text: string): string {
  try {
    parseYaml(text, 'doc', 'MANIFEST_INVALID');
  } catch (error) {
    assert.ok(isRefusal(error));
    assert.equal(error.code, 'MANIFEST_INVALID');
    return `${error.data.field}: ${error.data.problem}`;
  }
  return 'nothing';
}

const times = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

describe('a YAML document', () => {
  for (const [what, text, problem] of [
    ['says a key twice', 'a: 1\n"a": 2', 'doc: a: is written twice, again in line 2'],
    [
      'says a nested key twice',
      'x:\n  - {a: 1, a: 2}',
      'doc: a: is written twice, again in line 2',
    ],
    ['has two empty keys', '~: 1\n: 2', 'doc: null: is written twice, again in line 2'],
    ['has a mapping for a key', '? {a: 1}\n: 2', 'doc: has a key that is no text in line 1'],
    ['uses an alias', 'a: &x 1\nb: *x', 'doc: uses YAML aliases'],
    ['uses an alias for a key', 'a: &x b\n*x : 3', 'doc: uses YAML aliases'],
    ['is indented by a tab', 'a:\n\tb: 1', 'doc: is indented by a tab in line 2'],
    ['is two', 'a: 1\n---\nb: 2', 'doc: holds a second document, from line 2'],
    ['is of another YAML', '%YAML 1.1\n---\na: yes', 'doc: names a YAML version'],
    [
      'names a type',
      'a: !!binary aGVsbG8=',
      'doc: Unresolved tag: tag:yaml.org,2002:binary at line 1, column 4',
    ],
    ['starts a number with zero', 'a: 010', 'doc: 010 in line 1 is not read as it is written'],
    [
      'has a number that loses digits',
      'a: 9007199254740993',
      'doc: 9007199254740993 in line 1 is not read as it is written',
    ],
    ['has a number without end', 'a: .inf', 'doc: .inf in line 1 is not read as it is written'],
    ['is nested too deeply', '['.repeat(100_000), 'doc: is nested too deeply to be read'],
    ['is nested too deeply by dashes', '- '.repeat(50_000), 'doc: is nested too deeply to be read'],
    [
      'is too long',
      'x'.repeat(MAX_YAML + 1),
      `doc: has ${MAX_YAML + 1} characters, more than ${MAX_YAML}`,
    ],
  ] as const)
    it(`that ${what} is refused`, () => {
      assert.equal(problemOf(text), problem);
    });

  it('is told apart from a hex text: an address stays what is written, quoted or not', () => {
    const address = `0x${'12'.repeat(20)}`;
    assert.deepEqual(parseYaml(`a: ${address}\nb: "0x10"\nc: 16`, 'doc', 'MANIFEST_INVALID'), {
      a: address,
      b: '0x10',
      c: 16,
    });
  });

  it('of as many keys as fit is read, and one of them said twice is found', () => {
    const text = times(20_000, (index) => `k${index}: 1\n`);
    assert.equal(problemOf(text), 'nothing');
    assert.equal(problemOf(`${text}k7: 2`), 'doc: k7: is written twice, again in line 20001');
  });
});
