import { z } from 'zod';
import { readText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { firstIssue } from '../lib/schema.ts';
import { parseAmount, parseSeconds } from '../lib/units.ts';
import { parseYaml } from '../lib/yaml.ts';

/** What a deployment is fixed with for good: stakes in base units, durations in seconds. */
export type Settings = Readonly<{
  minStake: bigint;
  maxStake: bigint;
  weightUnit: bigint;
  exitDelay: bigint;
  rosterLife: bigint;
  certificateAge: bigint;
  disputeWindow: bigint;
  epochLength: bigint;
}>;

const text = z.union([z.string(), z.number().transform(String)]);

/** One row a setting; the defaults suit a devnet. */
const options = {
  minStake: text.default('1').describe('least stake of a watcher, in whole tokens'),
  maxStake: text.default('1000000').describe('most stake of a watcher, in whole tokens'),
  weightUnit: text.default('1').describe('stake behind one unit of weight, in whole tokens'),
  exitDelay: text
    .default('9d')
    .describe('wait of a watcher who leaves; at least the next three together'),
  rosterLife: text
    .default('24h')
    .describe('time for which a roster stays valid when nobody opens an epoch'),
  certificateAge: text.default('1h').describe('longest time in which a certificate can be used'),
  disputeWindow: text.default('7d').describe('time in which a lie can be proven'),
  epochLength: text.default('1h').describe('length of an epoch'),
};
const schema = z.strictObject(options);
const names = Object.keys(options) as (keyof typeof options)[];

/** Reads the settings file, or takes the defaults when there is none. */
export async function readSettings(file: string | undefined, decimals: number): Promise<Settings> {
  const field = file ?? 'settings';
  const found =
    file === undefined
      ? {}
      : (parseYaml(await readText(file, '--settings'), file, 'CONFIG_INVALID') ?? {});
  const parsed = schema.safeParse(found);
  if (!parsed.success) {
    const issue = firstIssue(parsed.error, found, names);
    throw refuse('CONFIG_INVALID', { ...issue, field: `${field}: ${issue.field}` });
  }
  const { data } = parsed;
  const amount = (name: 'minStake' | 'maxStake' | 'weightUnit') =>
    parseAmount(data[name], decimals, `${field}: ${name}`);
  const seconds = (
    name: 'exitDelay' | 'rosterLife' | 'certificateAge' | 'disputeWindow' | 'epochLength',
  ) => parseSeconds(data[name], `${field}: ${name}`);
  return checked(field, {
    minStake: amount('minStake'),
    maxStake: amount('maxStake'),
    weightUnit: amount('weightUnit'),
    exitDelay: seconds('exitDelay'),
    rosterLife: seconds('rosterLife'),
    certificateAge: seconds('certificateAge'),
    disputeWindow: seconds('disputeWindow'),
    epochLength: seconds('epochLength'),
  });
}

/** `name  help` lines of every setting, for `--help`. */
export const settingsHelp = () =>
  names.map((name) => `  ${name.padEnd(16)}${options[name].description}`).join('\n');

/** The rules the constructors hold, told before anything is sent. */
function checked(field: string, settings: Settings): Settings {
  const no = (name: keyof Settings, problem: string, fix: string) =>
    refuse('CONFIG_INVALID', { field: `${field}: ${name}`, problem, fix });
  for (const name of names)
    if (settings[name] === 0n) throw no(name, 'is zero', 'give it a positive value');
  const { minStake, maxStake, weightUnit, exitDelay, rosterLife, certificateAge, disputeWindow } =
    settings;
  if (minStake > maxStake) throw no('minStake', 'is above maxStake', 'lower it');
  if (maxStake / weightUnit > 0xffff_ffffn)
    throw no('weightUnit', 'makes a stake weigh more than 2^32 - 1', 'raise it');
  if (exitDelay < rosterLife + certificateAge + disputeWindow)
    throw no(
      'exitDelay',
      'is below rosterLife + certificateAge + disputeWindow',
      `raise it to ${rosterLife + certificateAge + disputeWindow}s`,
    );
  return settings;
}
