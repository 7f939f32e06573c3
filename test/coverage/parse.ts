import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fault } from './fault.ts';

/** A node of the compiler's syntax tree. */
export type Node = Readonly<{ nodeType: string; src: string } & Record<string, unknown>>;

type Solc = { compile: (input: string, callbacks: { import: (path: string) => object }) => string };
type Answer = Readonly<{
  errors?: readonly Readonly<{ severity: string; formattedMessage: string }>[];
  sources: Readonly<Record<string, Readonly<{ ast: Node }>>>;
}>;

/** The syntax trees of files of the project, by path. Types and names are not looked at. */
export function parse(root: string, paths: readonly string[]): ReadonlyMap<string, Node> {
  const solc = createRequire(import.meta.url)('solc') as Solc;
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(paths.map((path) => [path, { content: read(path) }])),
    settings: { stopAfter: 'parsing', outputSelection: { '*': { '': ['ast'] } } },
  };
  const within = (path: string) => (path.startsWith('contracts/') ? path : `node_modules/${path}`);
  const callbacks = { import: (path: string) => ({ contents: read(within(path)) }) };
  const { errors = [], sources } = JSON.parse(
    solc.compile(JSON.stringify(input), callbacks),
  ) as Answer;
  const [error] = errors.filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw fault('NOT_PARSED', { error: error.formattedMessage });
  return new Map(paths.map((path) => [path, sources[path]!.ast]));
}

/** First byte of a node, and the one behind its last. */
export function spanOf({ src }: Node): readonly [number, number] {
  const [start = 0, length = 0] = src.split(':').map(Number);
  return [start, start + length];
}

/** The nodes right below a node, in the order of the source. */
export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flat()
    .filter(isNode)
    .sort((a, b) => spanOf(a)[0] - spanOf(b)[0]);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value;
}
