import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { done, notRun } from './said.ts';
import type { Finding, Ground, Tool } from './tool.ts';

type Issue = Readonly<{
  title: string;
  detector_name: string;
  instances: readonly Readonly<{ contract_path: string; line_no: number }>[];
}>;
type Report = Readonly<
  Record<'high_issues' | 'low_issues', Readonly<{ issues: readonly Issue[] }>>
>;

const VERSION = '0.6.8';

/** A static analyser over syntax trees. It is not installed from here: no registry of packages has had it since 0.1.9. */
export const aderyn: Tool = {
  name: 'aderyn',
  version: VERSION,
  how: `its makers’ own installer of aderyn ${VERSION}, so that it is in PATH; it downloads a compiler`,
  async run(ground) {
    const { out } = await done(ground, 'aderyn', ['--version']);
    if (!out.includes(VERSION))
      throw notRun('NOT_RUN', { reason: `aderyn in PATH is ${out.trim()}, not ${VERSION}` });
    const output = join(ground.cache, 'aderyn.json');
    rmSync(output, { force: true });
    await done(ground, 'aderyn', ['contracts', '--src', 'src', '--output', output]);
    const { high_issues: high, low_issues: low } = JSON.parse(
      readFileSync(output, 'utf8'),
    ) as Report;
    const findings = [...high.issues, ...low.issues].flatMap((issue) => findingsOf(issue, ground));
    return { looked: 'contracts/src', findings };
  },
};

function findingsOf({ title, detector_name: check, instances }: Issue, { root }: Ground) {
  return instances.map(({ contract_path: path, line_no: line }): Finding => {
    const above = readFileSync(join(root, 'contracts', path), 'utf8')
      .split('\n')
      .slice(0, line);
    const last = (of: RegExp) => above.findLast((text) => of.test(text))?.match(of)?.[1];
    const contract = last(/^(?:abstract )?(?:contract|library|interface) (\w+)/) ?? path;
    const name = last(/^ {4}function (\w+)/) ?? '-';
    const where = `contracts/${path}:${line}`;
    return { tool: 'aderyn', check, contract, function: name, where, says: title };
  });
}
