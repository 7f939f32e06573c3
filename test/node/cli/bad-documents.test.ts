import { chmod, readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { createHostileWorld, type HostileWorld } from './hostile.ts';
import { signedBy } from './network.ts';
import { assertRefused, tocsin } from './tocsin.ts';

/** Nine levels of nine: 387 million values when it is followed. */
const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'
    .split('')
    .map(
      (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
    ),
].join('\n');
const LARGE = '# x\n'.repeat((10 << 20) / 4);
const DEEP = '['.repeat(200_000);

describe('a document that is hostile', () => {
  let world: HostileWorld;
  before(async () => {
    world = await createHostileWorld();
  });
  after(() => world.close());
  const at = (name: string) => world.folder.at(name);

  describe('as a config', () => {
    const valid = () => stringify(world.config);
    for (const [what, text, line] of [
      [
        'with a key twice',
        () => `${valid()}dataDir: other\n`,
        'node.yaml: dataDir: is written twice, again in line 8; remove one of them',
      ],
      ['with a bomb of aliases', () => BOMB, 'node.yaml: uses YAML aliases; write each value out'],
      [
        'with a merged mapping',
        () => `x: &x {rpc: []}\n<<: *x\n`,
        'node.yaml: uses YAML aliases; write each value out',
      ],
      ['nested too deeply', () => DEEP, 'node.yaml: is nested too deeply to be read; correct'],
      [
        'that is two',
        () => `${valid()}---\nrpc: []\n`,
        'node.yaml: holds a second document, from line 8; keep one',
      ],
      ['that is empty', () => '', 'node.yaml: is not a YAML mapping; write keys such as'],
      ['that is no YAML', () => 'rpc: [', 'node.yaml: Flow sequence in block collection'],
    ] as const)
      it(`${what} is refused`, async () => {
        assertRefused(await world.runText(text()), at(line));
      });

    it('of 10 MB is refused', async () => {
      assertRefused(
        await world.runText(LARGE),
        `--config: ${at('node.yaml')} has 10485760 bytes, more than 1048576; name the right file`,
      );
    });
  });

  describe('as a manifest', () => {
    const valid = () => JSON.stringify(world.manifest);
    const rule = (change: object) =>
      JSON.stringify({ ...world.manifest, rules: [{ ...world.manifest.rules[0], ...change }] });
    const changed = (change: object) => JSON.stringify({ ...world.manifest, ...change });
    for (const [what, text, line] of [
      [
        'with an unknown key',
        () => changed({ rulez: [] }),
        'rulez: is not a known key; did you mean',
      ],
      [
        'with an unknown key of a rule',
        () => rule({ colour: 'red' }),
        'rules[0].colour: is not a known key; remove it',
      ],
      ['of a wrong type', () => rule({ gas: 'much' }), 'rules[0].gas: must be a whole number'],
      ['with a target that is no address', () => changed({ target: '0x12' }), 'target: must be an'],
      [
        'with a life past that of its rung',
        () => rule({ rung: 2, life: 21_601 }),
        'rules[0].life: must be 21600 or less for rung 2',
      ],
      [
        'with a rule of no kind',
        () => rule({ kind: undefined }),
        'rules[0].kind: is missing; add it: predicate (pure contract over storage slots), sentinel',
      ],
      ['with a rule that is none', () => changed({ rules: [null] }), 'rules[0]: must be a mapping'],
      ['of a version that is not known', () => changed({ version: 2 }), 'version: must be 1'],
      [
        'with a key twice',
        () => valid().replace('"version"', '"version":1,"version"'),
        'version: is written twice, again in line 1; remove one of them',
      ],
      ['with a bomb of aliases', () => BOMB, 'uses YAML aliases; write each value out'],
      ['nested too deeply', () => DEEP, 'is nested too deeply to be read; correct'],
      ['indented by tabs', () => 'a:\n\tb: 1', 'is indented by a tab in line 2; indent it by'],
      [
        'that is two',
        () => `${valid()}\n---\nversion: 1\n`,
        'holds a second document, from line 2; keep one',
      ],
      [
        'with a number in hex',
        () => valid().replace('100000', '0x186a0'),
        'rules[0].gas: must be a whole number; correct it: gas one evaluation is given, 20000 to',
      ],
      [
        'with a number that starts with zero',
        () => valid().replace('100000', '0100000'),
        '0100000 in line 1 is not read as it is written; put it in quotes, or write it in',
      ],
      [
        'of more characters than a document has',
        () => '#'.repeat(262_145),
        'has 262145 characters',
      ],
      ['that is empty', () => '', 'document: must be a mapping, not empty; correct it'],
    ] as const)
      it(`${what} is refused, and nothing is signed`, async () => {
        assertRefused(await world.coverText(text()), `${at('manifest.json')}: ${line}`);
      });

    it('of 10 MB is refused', async () => {
      assertRefused(
        await world.coverText(LARGE),
        `manifest: ${at('manifest.json')} has 10485760 bytes, more than 1048576; name the right`,
      );
    });

    it('whose code hash is not that of the code is refused before anything is signed', async () => {
      assertRefused(
        await world.coverText(rule({ codeHash: `0x${'11'.repeat(32)}` })),
        'rule share-price: codeHash: the code at 0x',
      );
    });
  });

  describe('as an address file', () => {
    const valid = () => JSON.stringify(world.deployment);
    for (const [what, text, line] of [
      ['that is no JSON', () => 'hello', 'd.json: is not JSON; name the address file that tocsin'],
      ['that is a list', () => '[]', 'd.json: document: must be a mapping, not a list; run tocsin'],
      [
        'with an unknown key',
        () => valid().replace('"hub"', '"hubb":1,"hub"'),
        'd.json: hubb: is not a known key; did you mean hub?',
      ],
      [
        'with a key missing',
        () => JSON.stringify({ ...world.deployment, hub: undefined }),
        'd.json: hub: is missing; run tocsin deploy again',
      ],
      [
        'of a wrong type',
        () => JSON.stringify({ ...world.deployment, chainId: '31337' }),
        'd.json: chainId: must be a whole number; run tocsin deploy again',
      ],
      [
        'with a key twice',
        () => valid().replace('"hub"', '"registry":"0x","hub"'),
        'd.json: registry: is written twice, again in line 1; remove one of them',
      ],
      ['with a bomb of aliases', () => BOMB, 'd.json: is not JSON; name the address file'],
      ['nested too deeply', () => DEEP, 'd.json: is not JSON; name the address file'],
    ] as const)
      it(`${what} is refused`, async () => {
        await world.folder.write('d.json', text());
        assertRefused(await world.run({ deployment: 'd.json' }), at(line));
      });

    it('of 10 MB is refused', async () => {
      await world.folder.write('d.json', LARGE);
      assertRefused(
        await world.run({ deployment: 'd.json' }),
        `deployment: ${at('d.json')} has 10485760 bytes, more than 1048576; name the right file`,
      );
    });
  });

  for (const [key, file, kind] of [
    ['blsKeystore', 'one/bls.json', 'an EIP-2335 keystore'],
    ['hotKeystore', 'one/hot.json', 'a Web3 keystore'],
  ] as const)
    describe(`as a ${key}`, () => {
      for (const [what, change, line] of [
        ['that is no JSON', () => 'hello', `: is not JSON; name ${kind}`],
        ['that is empty', () => '', `: is not JSON; name ${kind}`],
        [
          'with an unknown key',
          (good: string) => good.replace('"crypto": {', '"crypto": { "colour": 1,'),
          `: crypto.colour: is not a known key; name ${kind}`,
        ],
        [
          'of a wrong type',
          (good: string) => good.replace(/"crypto": \{[^]*\n  \}/, '"crypto": []'),
          `: crypto: must be a mapping, not a list; name ${kind}`,
        ],
        [
          'with a key twice',
          (good: string) => good.replace('"version"', '"version": 9, "version"'),
          ': version: is written twice, again in line ',
        ],
        [
          'that asks for an hour of work',
          (good: string) => good.replace(/"n": \d+/, '"n": 1073741824'),
          ': crypto.kdf',
        ],
      ] as const)
        it(`${what} is refused`, async () => {
          const text = change(await readFile(at(file), 'utf8'));
          await world.folder.write('k.json', text);
          assertRefused(await world.run({ [key]: 'k.json' }), `${key} ${at('k.json')}${line}`);
        });

      for (const [what, text, mode, line] of [
        ['of 10 MB', LARGE, 0o600, ' has 10485760 bytes, more than 1048576; name the right file'],
        ['that others may read', '{}', 0o644, ' is open to other users (mode 644); run chmod 600'],
      ] as const)
        it(`${what} is refused unread`, async () => {
          await chmod(await world.folder.write('k.json', text), mode);
          const ran = await world.run({ [key]: 'k.json' });
          await chmod(at('k.json'), 0o600);
          assertRefused(ran, `${key}: ${at('k.json')}${line}`);
        });
    });

  describe('as settings of a deployment', () => {
    for (const [what, text, line] of [
      ['with a bomb of aliases', BOMB, ': uses YAML aliases; write each value out'],
      [
        'with a key twice',
        'minStake: 1\nminStake: 2\n',
        ': minStake: is written twice, again in line 2; remove one of them',
      ],
    ] as const)
      it(`${what} is refused`, async () => {
        const file = await world.folder.write('settings.yaml', text);
        const flags = ['--rpc', world.anvil.url, '--token', world.token, '--settings', file];
        const out = ['--out', at('none.json'), ...signedBy(world.folder, 'one')];
        assertRefused(await tocsin(['deploy', ...flags, ...out]), `${file}${line}`);
      });
  });
});
