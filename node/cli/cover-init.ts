import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import type { RuleKind } from '../../protocol/named-rule.ts';
import { detectors } from '../detect/detectors.ts';
import { mustNotExist, readText, replaceText } from '../lib/files.ts';
import { isRefusal, refuse } from '../lib/refusal.ts';
import { detectorNotes, detectorRows } from './cover-detector-rows.ts';
import { isManifestSchema, manifestJsonSchema } from './cover-schema.ts';
import { manifestText, ruleRows } from './cover-template.ts';
import { lowerAddress, withJson } from './options.ts';
import { columns, print } from './output.ts';

type Flags = Readonly<{ target?: string; kind: RuleKind; json?: boolean }>;

/** `tocsin cover init FILE`: a manifest to edit, and the schema that an editor checks it by. */
export const coverInitCommand = () =>
  withJson(new Command('init').argument('<file>', 'manifest to write'))
    .description('Write a commented manifest to edit, and its JSON Schema beside it.')
    .option('--target <address>', 'contract that is to be stopped')
    .addOption(
      new Option('--kind <kind>', 'what its first rule is')
        .choices(['predicate', 'sentinel', 'detector'])
        .default('predicate'),
    )
    .action(async (file: string, flags: Flags) => {
      const target = flags.target === undefined ? null : lowerAddress(flags.target, '--target');
      await mustNotExist(file, 'manifest');
      const schema = join(dirname(file), 'manifest.schema.json');
      await mustBeSchema(schema);
      const [detector] = detectors;
      const text =
        flags.kind === 'detector' && detector !== undefined
          ? manifestText(target, detectorRows(detector), detectorNotes(detectors))
          : manifestText(target, ruleRows[flags.kind === 'sentinel' ? 'sentinel' : 'predicate']);
      await replaceText(schema, `${manifestJsonSchema()}\n`);
      await replaceText(file, text);
      print(
        flags.json,
        { file, schema },
        columns([
          ['manifest', file],
          ['schema', schema],
          ['next', `edit it, then tocsin cover plan ${file}`],
        ]),
      );
    });

/** A schema of another release is replaced; a file of somebody else's is not. */
async function mustBeSchema(path: string): Promise<void> {
  let text: string;
  try {
    text = await readText(path, 'schema');
  } catch (error) {
    if (isRefusal(error) && error.code === 'FILE_MISSING') return;
    throw error;
  }
  if (!isManifestSchema(text))
    throw refuse('FILE_EXISTS', {
      field: 'schema',
      problem: `${path} is there and is no schema of ours`,
      fix: 'move it away or write the manifest to another folder',
    });
}
