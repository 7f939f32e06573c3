import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Solc = { compile: (input: string, callbacks: { import: (path: string) => object }) => string };
type Answer = Readonly<{ errors?: readonly Readonly<{ severity: string; message: string }>[] }>;

const root = fileURLToPath(new URL('../..', import.meta.url));
// A process a property: the solver keeps memory, and can only be stopped with its process.
const [file, contract] = process.argv.slice(2) as [string, string];
const solc = createRequire(import.meta.url)('solc') as Solc;
const input = {
  language: 'Solidity',
  sources: { [file]: { content: readFileSync(join(root, file), 'utf8') } },
  settings: {
    outputSelection: { '*': { '*': ['abi'] } },
    modelChecker: {
      engine: 'chc',
      solvers: ['z3'],
      targets: ['assert'],
      contracts: { [file]: [contract] },
      showUnproved: true,
      // Not `timeout`: for that the solver starts a thread, which this build of it cannot.
    },
  },
};
const read = (path: string) => ({ contents: readFileSync(join(root, path), 'utf8') });
const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as Answer;
const said = errors.map(({ message }) => message).join('\n');
const failed = errors.some(({ severity }) => severity === 'error');
const refuted = said.includes('Assertion violation happens here');
const proved =
  /proved safe/.test(said) && !/happens here|might happen|could not be proved/.test(said);
const verdict = failed ? 'failed' : refuted ? 'refuted' : proved ? 'proved' : 'unknown';
process.stdout.write(`${JSON.stringify({ verdict, said })}\n`);
