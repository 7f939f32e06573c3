import { type Manifest, manifestSchema } from '../../protocol/manifest.ts';
import { detectors } from '../detect/detectors.ts';
import { readText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { firstIssue } from '../lib/schema.ts';
import { parseYaml } from '../lib/yaml.ts';
import { parameterFields } from './cover-detector-rows.ts';
import { manifestFields, ruleFields } from './cover-fields.ts';

/** Reads a manifest in YAML or JSON and names the first field that is wrong. */
export async function readManifest(file: string): Promise<Manifest> {
  const found = parseYaml(await readText(file, 'manifest'), file, 'MANIFEST_INVALID');
  const parsed = manifestSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const known = Object.keys(manifestFields);
  const issue = firstIssue(parsed.error, found, known, (path) => helpOf(found, path));
  throw refuse('MANIFEST_INVALID', { ...issue, field: `${file}: ${issue.field}` });
}

/** What the field at a path means; of a parameter, what its detector says of it. */
function helpOf(found: unknown, path: readonly PropertyKey[]): string | undefined {
  const [top, index, field, parameter] = path.map(String);
  if (index === undefined)
    return Object.entries(manifestFields).find(([name]) => name === top)?.[1];
  if (parameter === undefined || field !== 'parameters')
    return Object.entries(ruleFields).find(([name]) => name === field)?.[1];
  const rule = (found as { rules: readonly { detector?: unknown }[] }).rules[Number(index)];
  const detector = detectors.find(({ id }) => id === rule?.detector);
  return (
    detector && parameterFields(detector.parameters).find(({ name }) => name === parameter)?.help
  );
}
