import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { keccak256, numberToHex } from 'viem';
import type { Market } from '../../devnet/aave.ts';
import { marketManifest, opinionsManifest, vaultManifest } from '../../devnet/coverage.ts';
import { defaultReserves } from '../../devnet/reserves.ts';
import { slowDrain } from '../../devnet/scenarios/slow-drain.ts';
import { canonicalManifest, parseManifest, rulesOf } from '../../protocol/manifest.ts';

const address = (id: number) => numberToHex(id, { size: 20 });
const predicate = { address: address(0xabc), codeHash: keccak256('0x01') };
const market: Market = {
  provider: address(1),
  pool: address(2),
  configurator: address(3),
  oracle: address(4),
  acl: address(5),
  dataProvider: address(6),
  reserves: defaultReserves.map((settings, index) => ({
    ...settings,
    token: address(10 + index),
    feed: address(20 + index),
    aToken: address(30 + index),
    debtToken: address(40 + index),
  })),
};

describe('manifests of the devnet', () => {
  for (const manifest of [
    marketManifest(address(7), market, predicate),
    vaultManifest(address(8), predicate),
    vaultManifest(address(8), predicate, slowDrain.vault?.rule),
    opinionsManifest({ address: address(8), asset: market.reserves[0]! }),
  ])
    it(`what covers ${manifest.name} is a manifest the chain and every node accept`, () => {
      assert.deepEqual(parseManifest(canonicalManifest(manifest)), { ok: true, value: manifest });
    });

  it("the market is watched at each feed, in the answer's own slot, against the anchor", () => {
    const rules = rulesOf(marketManifest(address(7), market, predicate));
    assert.deepEqual(
      rules.map(({ slots }) => slots),
      [20, 21, 22].map((id) => [{ account: address(id), slot: numberToHex(0, { size: 32 }) }]),
    );
    assert.ok(rules.every(({ reference, rung }) => reference.kind === 'anchor' && rung === 2));
  });

  it('the interfaces of the market are those of the published artifacts', async () => {
    const generator = fileURLToPath(new URL('../../devnet/generate.ts', import.meta.url));
    await promisify(execFile)(process.execPath, [generator, '--check']);
  });
});
