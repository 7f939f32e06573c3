import { dirname, resolve } from 'node:path';
import { multiaddr } from '@multiformats/multiaddr';
import { z } from 'zod';
import { readText } from './files.ts';
import { refuse } from './refusal.ts';
import { firstIssue, isRpcUrl, nearest } from './schema.ts';
import { parseYaml } from './yaml.ts';

/** Everything a node is told, validated once and frozen. Paths are absolute. */
export type NodeConfig = Readonly<{
  deployment: string;
  rpc: readonly string[];
  dataDir: string;
  blsKeystores: readonly string[];
  hotKeystore: string;
  blsPasswordFile: string;
  hotPasswordFile: string;
  listen: string;
  peers: readonly string[];
  api: Readonly<{ host: string; port: number }> | null;
  submitDelayMs: number;
  tripByProof: boolean;
  leastPay: string | null;
  pollMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  logFormat: 'json' | 'text';
}>;

const path = z.string().min(1, 'must name a path');
const rpcUrl = z.string().refine(isRpcUrl, 'must be an http://, https://, ws:// or wss:// URL');
const address = z.string().refine(isMultiaddr, 'must be a multiaddr, as /ip4/127.0.0.1/tcp/9000');
const whole = (min: number, max: number) =>
  z
    .int('must be a whole number')
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`);
const api = z.strictObject({
  host: z.string().min(1, 'must name a host'),
  port: whole(0, 65_535),
});
const either = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`);

/** Keystores of one watcher: its key and the one before. */
const KEYS = 2;

/** One row an option: its type, its default and its help; the key is its name in the file. */
const options = {
  deployment: path.describe('Address file that `tocsin deploy` wrote.'),
  rpc: z
    .array(rpcUrl)
    .min(1, 'needs at least one URL')
    .max(16, 'takes 16 URLs at most')
    .readonly()
    .describe(
      'RPC providers of the home chain, best as ws:// or wss://; they are compared with each other.',
    ),
  dataDir: path.describe('Folder of the signing record and certificates; one node each.'),
  blsKeystore: z
    .union([path, z.array(path).min(1).max(KEYS)], `must be a path, or a list of up to ${KEYS}`)
    .describe(
      'EIP-2335 keystore of the key that signs verdicts; a list of two while it is rotated.',
    ),
  hotKeystore: path.describe('Web3 keystore of the account that sends transactions.'),
  passwordFile: z
    .union(
      [path, z.strictObject({ bls: path, hot: path })],
      'must be a path, or {bls, hot} with a path each',
    )
    .describe('File with the password of both keystores, or {bls, hot} with one each; chmod 600.'),
  listen: address.default('/ip4/0.0.0.0/tcp/9750').describe('Multiaddr peers reach this node at.'),
  peers: z
    .array(address)
    .max(256, 'takes 256 peers at most')
    .readonly()
    .default([])
    .describe('Multiaddrs dialled at the start and kept.'),
  api: api
    .nullable()
    .default(null)
    .describe('Host and port of /health, /status and /metrics; off when absent.'),
  submitDelayMs: whole(0, 10_000)
    .default(150)
    .describe('Wait for each seat that comes before this one to submit.'),
  tripByProof: z
    .boolean()
    .default(true)
    .describe('Trip by storage proofs what fires and no certificate has tripped after 8 blocks.'),
  leastPay: z
    .union([z.string(), z.number()], 'must be an amount, as 1 or 0.5, or null')
    .transform(String)
    .nullable()
    .default('1')
    .describe('Whole tokens of pay that are worth a transaction; null leaves all to others.'),
  pollMs: whole(20, 60_000)
    .default(250)
    .describe('Pause between two looks for a new block, where no provider tells of it.'),
  logLevel: either(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least severe line that is written.'),
  logFormat: either(['json', 'text'])
    .default('json')
    .describe('Lines for machines or for people, on stderr.'),
};

const schema = z.strictObject(options);
const names = Object.keys(options) as (keyof typeof options)[];
const PREFIX = 'TOCSIN_';

/** Reads node.yaml; TOCSIN_... of the environment goes before the file and `flags` before both. */
export async function readConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = {},
  flags: Readonly<Record<string, unknown>> = {},
): Promise<NodeConfig> {
  const found = parseYaml(await readText(file, '--config'), file, 'CONFIG_INVALID');
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw refuse('CONFIG_INVALID', {
      field: file,
      problem: 'is not a YAML mapping',
      fix: `write keys such as ${names[0]}: ...`,
    });
  const given = { ...found, ...fromEnvironment(environment), ...defined(flags) };
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const { field, ...issue } = firstIssue(parsed.error, given, names, ([name]) => helpOf(name));
    throw refuse('CONFIG_INVALID', { field: sourceOf(file, environment, flags, field), ...issue });
  }
  return freeze(parsed.data, dirname(resolve(file)));
}

/** `name  help` lines of every key of node.yaml, for `--help`. */
export const configHelp = () =>
  names.map((name) => `  ${name.padEnd(14)}${helpOf(name)}`).join('\n');

function freeze(values: z.infer<typeof schema>, folder: string): NodeConfig {
  const at = (place: string) => resolve(folder, place);
  const {
    passwordFile,
    deployment,
    dataDir,
    blsKeystore,
    hotKeystore,
    rpc,
    peers,
    api: endpoint,
    ...rest
  } = values;
  const both =
    typeof passwordFile === 'string' ? { bls: passwordFile, hot: passwordFile } : passwordFile;
  return Object.freeze({
    ...rest,
    deployment: at(deployment),
    dataDir: at(dataDir),
    blsKeystores: Object.freeze([blsKeystore].flat().map(at)),
    hotKeystore: at(hotKeystore),
    blsPasswordFile: at(both.bls),
    hotPasswordFile: at(both.hot),
    rpc: Object.freeze([...rpc]),
    peers: Object.freeze([...peers]),
    api: endpoint === null ? null : Object.freeze(endpoint),
  });
}

/** TOCSIN_DATA_DIR is dataDir; lists are separated by commas and api is host:port. Unknown names are refused. */
function fromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const variables = new Map(names.map((name) => [variableOf(name), name]));
  const values: Record<string, unknown> = {};
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith(PREFIX)) continue;
    const name = variables.get(variable);
    if (name === undefined) {
      const near = nearest(variable, [...variables.keys()]);
      throw refuse('CONFIG_INVALID', {
        field: variable,
        problem: 'is not a known variable',
        fix: near === null ? 'unset it' : `did you mean ${near}?`,
      });
    }
    values[name] = fromText(name, text);
  }
  return values;
}

function fromText(name: keyof typeof options, text: string): unknown {
  if (name === 'rpc' || name === 'peers' || name === 'blsKeystore')
    return text.split(',').filter((part) => part !== '');
  if (name === 'submitDelayMs' || name === 'pollMs')
    return /^\d+$/.test(text) ? Number(text) : text;
  if (name === 'leastPay') return text === 'null' ? null : text;
  if (name === 'tripByProof') return text === 'true' || (text === 'false' ? false : text);
  if (name !== 'api') return text;
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, Math.max(colon, 0)), port: Number(text.slice(colon + 1)) };
}

const variableOf = (name: string) =>
  PREFIX + name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const defined = (flags: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));

/** What the person wrote: a flag, a variable, or a key of the file. */
function sourceOf(
  file: string,
  environment: object,
  flags: Readonly<Record<string, unknown>>,
  field: string,
): string {
  const name = /^\w*/.exec(field)?.[0] ?? '';
  if (flags[name] !== undefined)
    return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (!(variableOf(name) in environment)) return `${file}: ${field}`;
  return name === field ? variableOf(name) : `${variableOf(name)} (${field})`;
}

function helpOf(key: PropertyKey | undefined): string {
  const name = names.find((candidate) => candidate === key);
  return name === undefined ? 'see tocsin run --help' : (options[name].description ?? '');
}

function isMultiaddr(text: string): boolean {
  try {
    multiaddr(text);
    return true;
  } catch {
    return false;
  }
}
