import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromCrates } from './installed.ts';
import { done } from './said.ts';
import type { Finding, Tool } from './tool.ts';

type Issue = Readonly<{
  title: string;
  detector_name: string;
  instances: readonly Readonly<{ contract_path: string; line_no: number; src: string }>[];
}>;
type Report = Readonly<
  Record<'high_issues' | 'low_issues', Readonly<{ issues: readonly Issue[] }>>
>;

const VERSION = '0.1.9';

/** A static analyser over syntax trees. */
export const aderyn: Tool = {
  name: 'aderyn',
  version: VERSION,
  how: `cargo; aderyn ${VERSION} is built from crates.io`,
  async run(ground) {
    const bin = await fromCrates(ground, `aderyn-${VERSION}`, 'aderyn', VERSION);
    const output = join(ground.cache, 'aderyn.json');
    mkdirSync(ground.cache, { recursive: true });
    await done(ground, join(bin, 'aderyn'), ['contracts', '--src', 'src', '--output', output]);
    const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
    const issues = [...report.high_issues.issues, ...report.low_issues.issues];
    return { looked: 'contracts/src', findings: issues.flatMap(findingsOf) };
  },
};

function findingsOf({ title, detector_name: check, instances }: Issue): readonly Finding[] {
  return instances.map(({ contract_path: path, line_no: line }) => ({
    tool: 'aderyn',
    check,
    contract: path,
    function: '-',
    where: `${path}:${line}`,
    says: title,
  }));
}
