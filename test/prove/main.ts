import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, parse, run } from '../../devnet/program.ts';
import { refuse } from '../../devnet/refusal.ts';

/** Longest that one property may take. */
const LIMIT_MS = 600_000;
const SEEDED = 'Seeded';

const program = command('prove', 'Properties of the contracts, decided for all inputs.').argument(
  '[names...]',
  'properties or files of test/prove; all when none is given',
);

await run('prove', async (signal) => {
  const asked = parse<object>(program, process.argv.slice(2));
  if (asked.kind === 'print') {
    process.stdout.write(asked.text);
    return 0;
  }
  const properties = chosen(program.args);
  let wrong = 0;
  for (const { file, name } of properties) {
    for (const [contract, expected] of [
      [name, 'proved'],
      [`${name}${SEEDED}`, 'refuted'],
    ] as const) {
      const began = performance.now();
      const { verdict, said } = await decide(file, contract, signal);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      process.stdout.write(`${verdict.padEnd(8)} ${seconds.padStart(6)} s  ${contract}\n`);
      if (verdict === expected) continue;
      wrong += 1;
      process.stdout.write(`${contract}: must be ${expected}\n${said}\n`);
    }
  }
  process.stdout.write(`${properties.length} properties, ${wrong} wrong\n`);
  return wrong === 0 ? 0 : 1;
});

type Property = Readonly<{ file: string; name: string }>;

/** Every property beside whose contract stands one with a mistake; one alone is a mistake itself. */
function chosen(names: readonly string[]): readonly Property[] {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = join(here, '../..');
  const all = globSync(join(here, '*.sol'))
    .sort()
    .flatMap((path) => {
      const source = readFileSync(path, 'utf8');
      const contracts = [...source.matchAll(/^contract (\w+)/gm)].map(([, name]) => name ?? '');
      const properties = contracts.filter((name) => !name.endsWith(SEEDED));
      for (const name of properties)
        if (!contracts.includes(`${name}${SEEDED}`))
          throw refuse(`${basename(path)}: ${name} has no ${name}${SEEDED} beside it; write one`);
      return properties.map((name) => ({ file: relative(root, path), name }));
    });
  const stray = names.find((name) => !all.some((property) => isNamed(property, name)));
  if (stray !== undefined) throw refuse(`${stray}: is no property and no file of test/prove`);
  return all.filter(
    (property) => names.length === 0 || names.some((name) => isNamed(property, name)),
  );
}

function isNamed({ file, name }: Property, asked: string): boolean {
  return name === asked || file === asked || basename(file) === asked;
}

async function decide(
  file: string,
  contract: string,
  signal: AbortSignal,
): Promise<Readonly<{ verdict: string; said: string }>> {
  const script = fileURLToPath(new URL('check.ts', import.meta.url));
  const child = spawn(process.execPath, [script, file, contract], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) return { verdict: 'failed', said: `ended with ${code}` };
    return JSON.parse(text) as { verdict: string; said: string };
  } catch (error) {
    if (signal.aborted || !(error instanceof Error) || error.name !== 'AbortError') throw error;
    return { verdict: 'late', said: `not decided within ${LIMIT_MS / 1000} s` };
  }
}
