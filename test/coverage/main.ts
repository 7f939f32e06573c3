import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, runCommand } from '../../devnet/program.ts';
import { explained } from './explained.ts';
import { type Figures, figuresOf, type Gap, percent, sumOf } from './figures.ts';
import { fault } from './fault.ts';
import { measuredFiles, type Part } from './instrument.ts';

/** Least share of branches, in percent. */
const LEAST = 95;
/** A mark costs gas, so tests that hold gas or size to a figure are left out: files of that name, and titles with these words. */
const GAS_FILE = /[/-]gas\.test\.ts$/;
const GAS_TITLES = [
  'fits the largest',
  'fits the size',
  'is nearly what it cost',
  'is tripped with all the gas',
  'leaves too little gas',
  'of what it cost when something',
  'pays for no padding',
];

const isOfGas = (path: string): boolean => GAS_FILE.test(path);

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'coverage');

const program = command('coverage', 'Lines and branches of the contracts that the tests run.')
  .option('--reuse', 'figures of the last run, without another')
  .option('--json', 'one JSON object on stdout');

await runCommand<Readonly<{ reuse?: true; json?: true }>>(program, async (flags, signal) => {
  if (flags.reuse === undefined) await measure(signal);
  const hits = new Set(globSync(join(folder, 'data/**/*.json')).flatMap(marksIn));
  const files = (['contracts', 'predicates'] as const)
    .flatMap((part) => measuredFiles(root, part))
    .map((file) => figuresOf(file, hits));
  const gaps = files.flatMap((file) => file.gaps);
  const open = gaps.filter(({ path, text }) => explained[path]?.[text] === undefined);
  const stale = Object.entries(explained).flatMap(([path, texts]) =>
    Object.keys(texts)
      .filter((text) => !gaps.some((gap) => gap.path === path && gap.text === text))
      .map((text) => ({ path, text })),
  );
  const branches = sumOf(files.map((file) => file.branches));
  const short = branches.covered * 100 < branches.all * LEAST;
  process.stdout.write(
    flags.json ? `${JSON.stringify({ files, open, stale })}\n` : told(files, gaps, stale),
  );
  return open.length === 0 && stale.length === 0 && !short ? 0 : 1;
});

/** Runs the tests of the contracts on contracts that tell what of them runs. */
async function measure(signal: AbortSignal): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'data'), { recursive: true });
  const tests = globSync('test/contracts/**/*.test.ts', { cwd: root }).sort();
  const [held, left] = [tests.filter(isOfGas), tests.filter((path) => !isOfGas(path))];
  process.stderr.write(
    `not run, since they hold gas or size: ${[...held, ...GAS_TITLES].join(', ')}\n`,
  );
  const plain = ['--exit', '--invert', '--grep', GAS_TITLES.join('|')];
  const start = (part: Part, name: string, ...args: readonly string[]) =>
    child(name, args, part, signal);
  await start('contracts', 'hardhat', 'compile', '--quiet', '--no-tests');
  await start('contracts', 'mocha', ...plain, '--parallel', '--jobs', '2', ...left);
  await start('contracts', 'hardhat', 'test', 'solidity');
  const predicates = globSync('contracts/src/predicates/*.sol', { cwd: root });
  const files = [...predicates, 'contracts/harness/Probes.sol'];
  await start('predicates', 'hardhat', 'compile', '--quiet', '--no-tests', '--force', ...files);
  await start('predicates', 'mocha', '--exit', 'test/contracts/predicates.test.ts');
}

async function child(
  name: string,
  args: readonly string[],
  part: Part,
  signal: AbortSignal,
): Promise<void> {
  process.stderr.write(`${part}: ${name} ${args.slice(0, 2).join(' ')}\n`);
  const started = spawn(name, args, {
    cwd: root,
    signal,
    stdio: ['ignore', process.stderr, process.stderr],
    env: {
      ...process.env,
      HARDHAT_CONFIG: 'test/coverage/hardhat.config.ts',
      HARDHAT_DISABLE_TELEMETRY: 'true',
      CI: '1',
      COVERAGE_OF: part,
      // One build for both runners: hardhat keeps what Solidity tests tell only when it measures too.
      HARDHAT_COVERAGE: 'true',
    },
  });
  const [code] = (await once(started, 'exit')) as [number | null];
  if (code !== 0) throw fault('NOT_RUN', { command: `${name} ${args[0]}`, code: `${code}` });
}

function marksIn(path: string): readonly string[] {
  const told = JSON.parse(readFileSync(path, 'utf8')) as readonly string[] | object;
  return Array.isArray(told) ? told : Object.keys(told);
}

function told(
  files: readonly Figures[],
  gaps: readonly Gap[],
  stale: readonly Readonly<{ path: string; text: string }>[],
): string {
  const row = (name: string, lines: string, branches: string) =>
    `${name.padEnd(48)} ${lines.padStart(8)} ${branches.padStart(8)}\n`;
  const all = (kind: 'lines' | 'branches') => sumOf(files.map((file) => file[kind]));
  const [lines, branches] = [all('lines'), all('branches')];
  const reason = ({ path, text }: Gap) => explained[path]?.[text] ?? 'NOT EXPLAINED';
  return [
    row('file', 'lines %', 'branch %'),
    ...files.map((file) => row(file.path, percent(file.lines), percent(file.branches))),
    row('all', percent(lines), percent(branches)),
    `${lines.covered} of ${lines.all} lines, ${branches.covered} of ${branches.all} branches; ${LEAST} % of branches at least\n`,
    ...gaps.map((gap) =>
      [
        `\n${gap.path}:${gap.line}: ${gap.text}\n`,
        ...gap.missing.map((said) => `  ${said}\n`),
        `  ${reason(gap)}\n`,
      ].join(''),
    ),
    ...stale.map(({ path, text }) => `\n${path}: ${text}\n  STALE: this is covered or gone\n`),
  ].join('');
}
