import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leftOut } from './answers.ts';
import { fromPyPi } from './installed.ts';
import { failed, said } from './said.ts';
import type { Finding, Ground, Tool } from './tool.ts';

type Element = Readonly<{
  type: string;
  name: string;
  source_mapping: Readonly<{ filename_relative: string; lines: readonly number[] }>;
  type_specific_fields?: Readonly<{ parent?: Element }>;
}>;
type Report = Readonly<{
  success: boolean;
  error: string | null;
  results: Readonly<{
    detectors?: readonly Readonly<{
      check: string;
      description: string;
      elements: readonly Element[];
    }>[];
  }>;
}>;

const VERSION = '0.11.6';
/** A static analyser: patterns of calls, of what is written after them, and of what is never checked. */
export const slither: Tool = {
  name: 'slither',
  version: VERSION,
  how: `python3 with venv and pip; slither-analyzer ${VERSION} comes from PyPI`,
  async run(ground) {
    const requirements = fileURLToPath(new URL('slither.txt', import.meta.url));
    const bin = await fromPyPi(ground, `slither-${VERSION}`, requirements);
    const input = join(ground.cache, 'contracts.json');
    const paths = globSync('contracts/src/**/*.sol', { cwd: ground.root }).sort();
    writeFileSync(input, JSON.stringify(standardInput(ground, paths)));
    const solc = fileURLToPath(new URL('solc.cjs', import.meta.url));
    const flags = ['--solc', solc, '--compile-force-framework', 'solc-json', '--json', '-'];
    const dropped = ['--exclude', Object.keys(leftOut).join(','), '--filter-paths', 'node_modules'];
    const answer = await said(ground, join(bin, 'slither'), [input, ...flags, ...dropped]);
    const report = reportIn(answer.out);
    if (report === undefined || !report.success) throw failed('slither', answer);
    const findings = (report.results.detectors ?? []).map(findingOf);
    return {
      looked: `${paths.length} files, without ${Object.keys(leftOut).join(', ')}`,
      findings,
    };
  },
};

function standardInput({ root }: Ground, paths: readonly string[]) {
  const content = (path: string) => ({ content: readFileSync(join(root, path), 'utf8') });
  return {
    language: 'Solidity',
    sources: Object.fromEntries(paths.map((path) => [path, content(path)])),
    // No code: nothing that is looked for is in it, and it takes minutes to make.
    settings: {
      evmVersion: 'osaka',
      outputSelection: { '*': { '*': ['abi', 'devdoc', 'userdoc'], '': ['ast'] } },
    },
  };
}

function reportIn(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}

function findingOf({
  check,
  description,
  elements,
}: Readonly<{ check: string; description: string; elements: readonly Element[] }>): Finding {
  const [first] = elements;
  const chain: Element[] = [];
  for (let at = first; at !== undefined; at = at.type_specific_fields?.parent) chain.push(at);
  const nameOf = (type: string) => chain.find((element) => element.type === type)?.name;
  const { filename_relative: file = '', lines = [] } = first?.source_mapping ?? {};
  return {
    tool: 'slither',
    check,
    contract: nameOf('contract') ?? file,
    function: nameOf('function') ?? nameOf('variable') ?? '-',
    where: `${file}:${lines[0] ?? 0}`,
    says: description.replaceAll(/\s+/g, ' ').trim(),
  };
}
