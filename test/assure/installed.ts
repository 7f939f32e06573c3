import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { done } from './said.ts';
import type { Ground } from './tool.ts';

/** Makes a folder of the cache once: what breaks off half way leaves nothing that looks whole. */
async function once(
  ground: Ground,
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(ground.cache, name);
  const whole = join(folder, '.whole');
  if (existsSync(whole)) return folder;
  process.stderr.write(`${name}: is installed into ${ground.cache}\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await fill(folder);
  mkdirSync(`${whole}.tmp`);
  renameSync(`${whole}.tmp`, whole);
  return folder;
}

/** A virtual environment that holds what a file of pinned requirements lists. Answers the folder of its programs. */
export async function fromPyPi(ground: Ground, name: string, requirements: string) {
  const folder = await once(ground, name, async (at) => {
    await done(ground, 'python3', ['-m', 'venv', at]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await done(ground, join(at, 'bin/python'), [...pip, '-r', requirements]);
  });
  return join(folder, 'bin');
}

/** A package of npm, in a folder of its own. Answers the folder of its programs. */
export async function fromNpm(ground: Ground, name: string, packages: readonly string[]) {
  const folder = await once(ground, name, async (at) => {
    const plain = ['--prefix', at, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
    await done(ground, 'npm', ['install', '--silent', ...plain, ...packages]);
  });
  return join(folder, 'node_modules/.bin');
}
