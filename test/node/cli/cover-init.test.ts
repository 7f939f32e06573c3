import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { detectors } from '../../../node/detect/detectors.ts';
import { manifestJsonSchema } from '../../../node/cli/cover-schema.ts';
import { parseYaml } from '../../../node/lib/yaml.ts';
import { manifestSchema } from '../../../protocol/manifest.ts';
import { accepts, type JsonSchema } from './json-schema.ts';
import { assertRefused, createFolder, type Folder, printed, tocsin } from './tocsin.ts';

const address = `0x${'12'.repeat(20)}`;
const hash = `0x${'34'.repeat(32)}`;
const common = { name: 'rule', family: 'price', rung: 1, life: 600, detector: 'rule@1.0.0' };
const predicate = {
  ...common,
  kind: 'predicate',
  code: address,
  codeHash: hash,
  gas: 50_000,
  reference: { kind: 'none' },
  hold: 0,
  slots: [{ account: address, slot: hash }],
  params: '0x',
};
const sentinel = {
  ...common,
  kind: 'sentinel',
  code: address,
  codeHash: hash,
  gas: 50_000,
  samples: 2,
};
const detector = {
  ...common,
  kind: 'detector',
  class: 'B',
  detector: 'share-price@1.0.0',
  startBlock: 0,
  lookback: 1,
  parameters: { vault: address, maxFallBps: 10 },
};
const manifest = (...rules: object[]) => ({ version: 1, name: 'x', target: address, rules });

describe('the schema of a manifest', () => {
  const schema = JSON.parse(manifestJsonSchema()) as JsonSchema;

  for (const [what, value] of [
    ['a predicate', manifest(predicate)],
    [
      'a predicate that looks back',
      manifest({ ...predicate, reference: { kind: 'lookback', blocks: 3 } }),
    ],
    ['a sentinel', manifest(sentinel)],
    ['a detector', manifest(detector)],
    ['one of each', manifest(predicate, { ...sentinel, name: 's' }, { ...detector, name: 'd' })],
  ] as const)
    it(`takes ${what}, as the program does`, () => {
      assert.ok(manifestSchema.safeParse(value).success);
      assert.ok(accepts(schema, value));
    });

  for (const [what, value] of [
    ['no rule', manifest()],
    ['an unknown key', { ...manifest(predicate), colour: 'red' }],
    ['a key of another kind', manifest({ ...predicate, samples: 1 })],
    ['an unknown kind', manifest({ ...predicate, kind: 'oracle' })],
    ['an upper-case address', manifest({ ...predicate, code: `0x${'AB'.repeat(20)}` })],
    ['an address as a number', manifest({ ...predicate, code: 0x12 })],
    ['too much gas', manifest({ ...predicate, gas: 200_001 })],
    ['a fraction of gas', manifest({ ...predicate, gas: 50_000.5 })],
    ['too many samples', manifest({ ...sentinel, samples: 33 })],
    ['a short life', manifest({ ...sentinel, life: 299 })],
    ['a missing key', manifest({ ...sentinel, codeHash: undefined })],
    ['params of 1,025 bytes', manifest({ ...predicate, params: `0x${'00'.repeat(1025)}` })],
    ['a parameter of a strange name', manifest({ ...detector, parameters: { '9 lives': 1 } })],
    [
      'more parameters than fit',
      manifest({
        ...detector,
        parameters: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`p${index}`, 1])),
      }),
    ],
  ] as const)
    it(`refuses ${what}, as the program does`, () => {
      const written = JSON.parse(JSON.stringify(value)) as unknown;
      assert.ok(!manifestSchema.safeParse(written).success);
      assert.ok(!accepts(schema, written));
    });

  for (const { id, parameters } of detectors)
    it(`knows the parameters of ${id}`, () => {
      const branch = schema.properties?.['rules']?.items?.allOf?.find(
        (one) => one.if?.properties?.['detector']?.const === id,
      );
      const known = branch?.then?.properties?.['parameters']?.properties ?? {};
      const unknown = parameters.safeParse(
        Object.fromEntries(Object.keys(known).map((name) => [name, null])),
      );
      const keys = unknown.error?.issues.filter(({ code }) => code === 'unrecognized_keys');
      assert.ok(Object.keys(known).length > 0);
      assert.deepEqual(keys, []);
    });

  it('refuses a parameter out of range only where its detector is named', () => {
    const wide = (id: string) =>
      manifest({ ...detector, detector: id, parameters: { vault: address, maxFallBps: 20_000 } });
    assert.ok(!accepts(schema, wide('share-price@1.0.0')));
    assert.ok(accepts(schema, wide('another@1.0.0')));
  });

  it('describes every field of every kind of rule', () => {
    for (const { properties = {} } of schema.properties?.['rules']?.items?.oneOf ?? [])
      for (const [name, field] of Object.entries(properties)) assert.ok(field.description, name);
  });
});

describe('tocsin cover init', () => {
  let folder: Folder;
  before(async () => {
    folder = await createFolder();
  });
  after(() => folder.remove());

  for (const kind of ['predicate', 'sentinel', 'detector'])
    it(`writes a ${kind} to edit, and the schema beside it`, async () => {
      const file = folder.at(`${kind}.yaml`);
      const flags = ['--kind', kind, '--target', address, '--json'];
      const { schema } = printed<{ schema: string }>(
        await tocsin(['cover', 'init', file, ...flags]),
      );
      assert.equal(schema, folder.at('manifest.schema.json'));
      const text = await readFile(file, 'utf8');
      assert.match(text, /^# yaml-language-server: \$schema=\.\/manifest\.schema\.json$/m);
      const written = parseYaml(text, file, 'MANIFEST_INVALID') as { rules: { kind: string }[] };
      assert.deepEqual(
        written.rules.map((rule) => rule.kind),
        [kind],
      );
      // What only its author knows is all that is wrong with it.
      const wrong = manifestSchema.safeParse(written).error?.issues ?? [];
      assert.deepEqual(
        [...new Set(wrong.map(({ path }) => path.join('.')))],
        kind === 'detector' ? [] : ['rules.0.code'],
      );
      assert.equal((await tocsin(['cover', 'schema'])).stdout, await readFile(schema, 'utf8'));
    });

  it('never writes over a manifest, or over a file that only has the name of the schema', async () => {
    const file = await folder.write('mine.yaml', 'precious');
    assertRefused(await tocsin(['cover', 'init', file]), `manifest: ${file} already exists`);
    assert.equal(await readFile(file, 'utf8'), 'precious');
    const schema = await folder.write('manifest.schema.json', '{"mine":1}');
    const other = await tocsin(['cover', 'init', folder.at('other.yaml')]);
    assertRefused(other, `schema: ${schema} is there and is no schema of ours; move it away`);
    assert.equal(await readFile(schema, 'utf8'), '{"mine":1}');
  });

  it('says of a folder that takes no file that it does not', async () => {
    const schema = '/proc/manifest.schema.json';
    const ran = await tocsin(['cover', 'init', '/proc/none.yaml']);
    assertRefused(ran, `${schema}: cannot be written (ENOENT); check the owner and mode`);
  });

  it('refuses a target that is no address and a kind that is none', async () => {
    const init = (...flags: string[]) => tocsin(['cover', 'init', folder.at('no.yaml'), ...flags]);
    assertRefused(await init('--target', '0x12'), '--target: 0x12 is not an address');
    const { code, stderr } = await init('--kind', 'oracle');
    assert.equal(code, 2);
    assert.match(stderr, /predicate, sentinel, detector/);
  });
});
