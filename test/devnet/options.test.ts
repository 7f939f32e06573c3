import assert from 'node:assert/strict';
import { parseOptions } from '../../devnet/options.ts';
import { scenarios } from '../../devnet/scenarios/all.ts';
import { Fault } from '../../protocol/fault.ts';

const run = (...argv: string[]) => {
  const asked = parseOptions(argv);
  assert.equal(asked.kind, 'run');
  return asked.kind === 'run' ? asked.options : assert.fail();
};

describe('devnet command line', () => {
  it('plays the vault drain with seven watchers unless told otherwise', () => {
    const options = run();
    assert.deepEqual(
      options.scenarios.map(({ name }) => name),
      ['vault-drain'],
    );
    const { scenarios: _, ...rest } = options;
    assert.deepEqual(rest, {
      once: false,
      json: false,
      watchers: 7,
      blockTime: null,
      killed: [],
      port: 0,
    });
  });

  it('takes every flag', () => {
    const options = run(
      '--scenario',
      'benign',
      '--once',
      '--json',
      '--watchers',
      '9',
      '--block-time',
      '0.5',
      '--kill',
      '0,8',
      '--port',
      '8600',
    );
    const { scenarios: chosen, ...rest } = options;
    assert.deepEqual(
      chosen.map(({ name }) => name),
      ['benign'],
    );
    assert.deepEqual(rest, {
      once: true,
      json: true,
      watchers: 9,
      blockTime: 0.5,
      killed: [0, 8],
      port: 8600,
    });
  });

  it('plays all scenarios, each once', () => {
    assert.deepEqual(run('--scenario', 'all').scenarios, scenarios);
  });

  it('lists the scenarios, a line each', () => {
    const asked = parseOptions(['--list']);
    assert.ok(asked.kind === 'print');
    const names = asked.text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    assert.deepEqual(
      names,
      scenarios.map(({ name }) => name),
    );
  });

  for (const [argv, flag] of [
    [['--scenario', 'vault'], '--scenario'],
    [['--watchers', '3'], '--watchers'],
    [['--watchers', '65'], '--watchers'],
    [['--watchers', '7.5'], '--watchers'],
    [['--watchers', '-7'], '--watchers'],
    [['--block-time', '0'], '--block-time'],
    [['--block-time', '1e3'], '--block-time'],
    [['--block-time', 'fast'], '--block-time'],
    [['--kill', '7'], '--kill'],
    [['--kill', '1,1'], '--kill'],
    [['--kill', ''], '--kill'],
    [['--kill', '0,,1'], '--kill'],
    [['--port', '65536'], '--port'],
    [['--bogus'], '--bogus'],
    [['--watchers'], '--watchers'],
    [['vault-drain'], 'arguments'],
  ] as const)
    it(`refuses ${argv.join(' ')} in one line that names ${flag}`, () => {
      assert.throws(
        () => parseOptions(argv),
        (error: unknown) => {
          assert.ok(error instanceof Fault && error.code === 'REFUSED');
          const { line } = error.data as { line: string };
          assert.ok(line.includes(flag), line);
          assert.ok(!line.includes('\n'));
          return true;
        },
      );
    });
});
