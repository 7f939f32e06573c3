import { readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromNpm, fromPyPi } from './installed.ts';
import { failed, said } from './said.ts';
import type { Finding, Tool } from './tool.ts';

type Report = Readonly<{
  test_results: Readonly<
    Record<string, readonly Readonly<{ name: string; exitcode: number; num_models: number }>[]>
  >;
}>;

const VERSION = '0.3.3';
const FORGE = '1.7.1';
/** Longest that one question to the solver may take. */
const LIMIT_MS = 120_000;
const SEEDED = 'Seeded';
/** What a property comes to. */
const VERDICTS: Readonly<Record<number, string>> = { 0: 'proved', 1: 'refuted', 2: 'undecided' };

/** A symbolic execution of bytecode: the properties of `Symbolic.sol`, each beside a mistake that it must find. */
export const halmos: Tool = {
  name: 'halmos',
  version: VERSION,
  how: `python3 with venv and pip; halmos ${VERSION} comes from PyPI, forge ${FORGE} from npm`,
  async run(ground) {
    const requirements = fileURLToPath(new URL('halmos.txt', import.meta.url));
    const bin = await fromPyPi(ground, `halmos-${VERSION}`, requirements);
    const forge = await fromNpm(ground, `forge-${FORGE}`, [`@foundry-rs/forge@${FORGE}`]);
    const results = join(ground.cache, 'halmos.json');
    rmSync(results, { force: true });
    const built = '.cache/assure/forge';
    const output = ['--forge-build-out', built, '--json-output', results, '--no-status'];
    // Not the solver that halmos would download.
    const solver = ['--solver', 'z3', '--solver-timeout-assertion', `${LIMIT_MS}`];
    const bounds = ['--loop', '4', '--default-array-lengths', '0,1,2'];
    const answer = await said(
      ground,
      join(bin, 'halmos'),
      ['--root', ground.root, ...output, ...solver, ...bounds],
      {
        env: {
          PATH: [forge, bin, process.env.PATH].join(delimiter),
          FOUNDRY_SRC: 'test/assure',
          FOUNDRY_TEST: 'test/assure',
          FOUNDRY_OUT: built,
          FOUNDRY_CACHE_PATH: join(ground.cache, 'forge-cache'),
          FOUNDRY_SOLC: fileURLToPath(new URL('solc.cjs', import.meta.url)),
          FOUNDRY_VIA_IR: 'true',
          FOUNDRY_OPTIMIZER: 'true',
          FOUNDRY_EVM_VERSION: 'osaka',
          FOUNDRY_OFFLINE: 'true',
        },
      },
    );
    const report = reportIn(results);
    if (report === undefined) throw failed('halmos', answer);
    const source = readFileSync(new URL('Symbolic.sol', import.meta.url), 'utf8');
    const names = [...source.matchAll(/^contract (\w+)/gm)].map(([, name]) => name ?? '');
    const findings = names.flatMap((name) => findingsOf(name, report));
    const seeded = names.filter((name) => name.endsWith(SEEDED)).length;
    return { looked: `${names.length - seeded} properties, ${seeded} mistakes`, findings };
  },
};

/** A property that is not proved, and a mistake that is not found. */
function findingsOf(contract: string, { test_results: results }: Report): readonly Finding[] {
  const expected = contract.endsWith(SEEDED) ? 'refuted' : 'proved';
  const tests = Object.entries(results).find(([at]) => at.endsWith(`:${contract}`))?.[1] ?? [];
  const [test] = tests;
  const verdict = test === undefined ? 'not run' : (VERDICTS[test.exitcode] ?? 'not decided');
  if (verdict === expected && tests.length === 1) return [];
  const says = `must be ${expected}, is ${verdict}`;
  const at = { contract, function: test?.name ?? '-', where: 'test/assure/Symbolic.sol' };
  return [{ tool: 'halmos', check: expected, ...at, says }];
}

function reportIn(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}
