import { readFileSync, writeFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Artifact = Readonly<{
  contractName: string;
  abi: readonly object[];
  bytecode: string;
  linkReferences: Readonly<Record<string, Readonly<Record<string, readonly { start: number }[]>>>>;
}>;

const root = fileURLToPath(new URL('..', import.meta.url));
const artifacts = join(root, 'contracts/artifacts/contracts');
const target = join(root, 'protocol/abi.ts');

// Libraries have no ABI to speak of, and most interfaces are their contract's ABI again. What a contract is linked
// with is found by its links.
const source = [
  'src/BreakerHub.sol/BreakerHub.json',
  'src/Committee.sol/Committee.json',
  'src/Court.sol/Court.json',
  'src/Founder.sol/Founder.json',
  'src/IncidentBook.sol/IncidentBook.json',
  'src/Prover.sol/Prover.json',
  'src/QuorumVerifier.sol/QuorumVerifier.json',
  'src/Registry.sol/Registry.json',
  'src/Watchers.sol/Watchers.json',
  'src/adapters/*.sol/*Breaker.json',
  'src/interfaces/IBreaker.sol/IBreaker.json',
  'src/interfaces/IJudge.sol/IJudge.json',
  'src/interfaces/IPredicate.sol/IPredicate.json',
  'src/interfaces/ISentinel.sol/ISentinel.json',
  'src/judges/*.sol/*Judge.json',
  'src/predicates/*.sol/*.json',
  'devnet/**/*.sol/*.json',
];

const nameOf = (contract: string): string => {
  const plain = contract.replace(/^I(?=[A-Z][a-z])/, '');
  return plain.charAt(0).toLowerCase() + plain.slice(1);
};

const readArtifacts = async (): Promise<Artifact[]> => {
  const found = new Map<string, Artifact>();
  for await (const path of glob(source, { cwd: artifacts })) {
    const artifact = JSON.parse(readFileSync(join(artifacts, path), 'utf8')) as Artifact;
    // A library of internal functions answers to nobody.
    if (artifact.abi.length > 0) found.set(nameOf(artifact.contractName), artifact);
    for (const [file, links] of Object.entries(artifact.linkReferences))
      for (const library of Object.keys(links))
        found.set(nameOf(library), readLibrary(file, library));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, artifact]) => artifact);
};

/** What a contract is linked with: its code alone, as it is called by that contract only. */
const readLibrary = (file: string, library: string): Artifact => {
  const path = join(artifacts, file.replace(/^project\/contracts\//, ''), `${library}.json`);
  return { ...(JSON.parse(readFileSync(path, 'utf8')) as Artifact), abi: [] };
};

const renderCode = ({ contractName, bytecode, linkReferences }: Artifact): string => {
  const name = `${nameOf(contractName)}Bytecode`;
  if (bytecode === '0x') return '';
  const [library, ...more] = Object.values(linkReferences).flatMap((links) => Object.keys(links));
  if (library === undefined)
    return `/** Creation code of ${contractName}. */\nexport const ${name}: Hex = '${bytecode}';\n`;
  const [mark] = /__\$[0-9a-f]{34}\$__/.exec(bytecode) ?? [];
  if (mark === undefined || more.length > 0) {
    process.stderr.write(`${contractName}: is linked with more than one library; name each here\n`);
    process.exit(1);
  }
  const lines = [
    `/** Creation code of ${contractName}, linked with ${library} at its address. */`,
    `export const ${name} = (${nameOf(library)}: Hex): Hex =>`,
    `  '${bytecode}'.replaceAll('${mark}', ${nameOf(library)}.slice(2).toLowerCase()) as Hex;\n`,
  ];
  return lines.join('\n');
};

const render = (artifact: Artifact): string => {
  const { contractName, abi } = artifact;
  const code = renderCode(artifact);
  if (abi.length === 0) return code;
  const name = nameOf(contractName);
  const items = abi
    .map((item) => JSON.stringify(item))
    .sort()
    .map((item) => `  ${item},\n`);
  return `/** ABI of ${contractName}. */\nexport const ${name}Abi = [\n${items.join('')}] as const;\n${code && `\n${code}`}`;
};

const found = await readArtifacts();
if (found.length === 0) {
  process.stderr.write('contracts/artifacts: is empty; run npm run contracts\n');
  process.exit(1);
}
const text = [
  '// Generated from the contracts by `npm run abi`: never edit.',
  "import type { Hex } from 'viem';",
  '',
  '/** ABI of any ERC-20. */',
  "export { erc20Abi } from 'viem';",
  '',
  found.map(render).join('\n'),
].join('\n');

if (!process.argv.includes('--check')) writeFileSync(target, text);
else if (read(target) !== text) {
  process.stderr.write('protocol/abi.ts: does not match the contracts; run npm run abi\n');
  process.exit(1);
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
