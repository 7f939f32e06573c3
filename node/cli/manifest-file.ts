import { type Manifest, manifestSchema } from '../../protocol/manifest.ts';
import { readText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { firstIssue } from '../lib/schema.ts';
import { parseYaml } from '../lib/yaml.ts';

/** Reads a manifest in YAML or JSON and names the first field that is wrong. */
export async function readManifest(file: string): Promise<Manifest> {
  const parsed = manifestSchema.safeParse(
    parseYaml(await readText(file, 'manifest'), file, 'MANIFEST_INVALID'),
  );
  if (parsed.success) return parsed.data;
  const issue = firstIssue(parsed.error, Object.keys(manifestSchema.shape));
  throw refuse('MANIFEST_INVALID', {
    field: `${file}: ${issue.field}`,
    problem: issue.problem,
    fix: issue.fix,
  });
}
