import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stages = [
  'observe',
  'detect',
  'attest',
  'gossip',
  'aggregate',
  'submit',
  'roll-call',
  'challenge',
  'pay',
  'api',
  'keys',
];

/** The room of a file: the unit that the layer rule speaks of. */
const roomOf = (path: string): string => {
  const [top, second] = path.split('/');
  if (top !== 'node') return top ?? '';
  return second?.endsWith('.ts') ? path : `node/${second}`;
};

/** What makes a node of the stages, each resting on those before it. */
const composers = [
  'node/ground.ts',
  'node/opinions.ts',
  'node/stages.ts',
  'node/serving.ts',
  'node/node.ts',
];

const stageRooms = stages.map((stage) => `node/${stage}`);

/** What every stage rests on. */
const base = ['protocol', 'node/lib', 'node/store', 'node/wallet'];

/** What each room may import besides itself and packages. */
const allowed: Record<string, readonly string[]> = {
  protocol: [],
  'node/lib': ['protocol'],
  'node/store': ['protocol', 'node/lib'],
  'node/wallet': ['protocol', 'node/lib', 'node/store'],
  ...Object.fromEntries(stageRooms.map((room) => [room, [...base]])),
  ...Object.fromEntries(
    composers.map((room, index) => [room, [...base, ...stageRooms, ...composers.slice(0, index)]]),
  ),
  'node/cli': [...base, 'node/node.ts', ...stageRooms],
  'node/main.ts': ['node/cli', 'node/lib', 'protocol'],
  devnet: ['protocol'],
};

const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => normalize(join(dirname(path), match[1] ?? '')),
  );

const sources = async (): Promise<string[]> => {
  const files: string[] = [];
  for await (const path of glob(['protocol/**/*.ts', 'node/**/*.ts', 'devnet/**/*.ts'], {
    cwd: root,
  }))
    files.push(relative(root, join(root, path)));
  return files.sort();
};

describe('layers', () => {
  it('every file imports only from the rooms to its left', async () => {
    const wrong: string[] = [];
    for (const path of await sources()) {
      const room = roomOf(path);
      // An actor plays a hostile watcher, so it speaks the gossip stage's own language.
      const extra = path.startsWith('devnet/actors/') ? ['node/gossip', 'node/lib'] : [];
      for (const target of importsOf(path)) {
        const other = roomOf(target);
        if (other !== room && ![...(allowed[room] ?? []), ...extra].includes(other))
          wrong.push(`${path} imports ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('curve libraries are imported by the two BLS files of protocol alone', async () => {
    const users: string[] = [];
    for (const path of await sources())
      if (/from '(@noble\/curves|mcl-wasm)/.test(readFileSync(join(root, path), 'utf8')))
        users.push(path);
    assert.deepEqual(users, ['protocol/bls-fast.ts', 'protocol/bls.ts']);
  });

  it('the signing key is used by attest alone', async () => {
    const users: string[] = [];
    for (const path of await sources())
      if (
        path.startsWith('node/') &&
        /import[^;]*\bsign\b[^;]*protocol\/bls\.ts/.test(readFileSync(join(root, path), 'utf8'))
      )
        users.push(path);
    assert.deepEqual(
      users.filter((path) => !path.startsWith('node/attest/')),
      [],
    );
  });

  it('there are no barrel files and no default exports', async () => {
    const wrong = (await sources()).filter(
      (path) =>
        path.endsWith('index.ts') || /export default/.test(readFileSync(join(root, path), 'utf8')),
    );
    assert.deepEqual(wrong, []);
  });
});
