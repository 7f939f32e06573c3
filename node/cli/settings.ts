import { z } from 'zod';
import { readText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';
import { firstIssue } from '../lib/schema.ts';
import { parseAmount, parseSeconds } from '../lib/units.ts';
import { parseYaml } from '../lib/yaml.ts';

/** What a deployment is fixed with for good: stakes in base units, durations in seconds but for the two in blocks. */
export type Settings = Readonly<{
  minStake: bigint;
  maxStake: bigint;
  weightUnit: bigint;
  exitDelay: bigint;
  rosterLife: bigint;
  certificateAge: bigint;
  disputeWindow: bigint;
  epochLength: bigint;
  termsNotice: bigint;
  rollCallPeriod: bigint;
  bountyWindow: bigint;
  rulingTime: bigint;
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
  termsNotice: text
    .default('7200')
    .describe('blocks from naming what a coverage pays until it counts, 32 at least'),
  rollCallPeriod: text
    .default('300')
    .describe('blocks from one roll call of a coverage to the next, on average'),
  bountyWindow: text.default('3d').describe('time in which a bounty can be disputed, 30d at most'),
  rulingTime: text.default('7d').describe('time an arbiter has to decide a dispute, 30d at most'),
};
const schema = z.strictObject(options);
// What the contracts take.
const [LEAST_NOTICE, MOST_NOTICE] = [32n, 2n ** 24n];
const MOST_DURATION = 30n * 86_400n;
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
  const seconds = (name: keyof typeof data) => parseSeconds(data[name], `${field}: ${name}`);
  const blocks = (name: 'termsNotice' | 'rollCallPeriod') => {
    if (/^\d{1,8}$/.test(data[name])) return BigInt(data[name]);
    throw refuse('CONFIG_INVALID', {
      field: `${field}: ${name}`,
      problem: `${data[name]} is not a number of blocks`,
      fix: 'give it in digits',
    });
  };
  return checked(field, {
    minStake: amount('minStake'),
    maxStake: amount('maxStake'),
    weightUnit: amount('weightUnit'),
    exitDelay: seconds('exitDelay'),
    rosterLife: seconds('rosterLife'),
    certificateAge: seconds('certificateAge'),
    disputeWindow: seconds('disputeWindow'),
    epochLength: seconds('epochLength'),
    termsNotice: blocks('termsNotice'),
    rollCallPeriod: blocks('rollCallPeriod'),
    bountyWindow: seconds('bountyWindow'),
    rulingTime: seconds('rulingTime'),
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
  const { termsNotice, bountyWindow, rulingTime } = settings;
  if (termsNotice < LEAST_NOTICE || termsNotice > MOST_NOTICE)
    throw no('termsNotice', `is not ${LEAST_NOTICE} to ${MOST_NOTICE} blocks`, 'change it');
  if (bountyWindow > MOST_DURATION) throw no('bountyWindow', 'is above 30d', 'lower it');
  if (rulingTime > MOST_DURATION) throw no('rulingTime', 'is above 30d', 'lower it');
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
