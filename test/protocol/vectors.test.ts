import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { vectorFiles } from '../vectors/generate.ts';

describe('vectors', () => {
  for (const [name, text] of vectorFiles())
    it(`${name} is what its makers say, to the byte`, () => {
      assert.equal(readFileSync(new URL(`../vectors/${name}`, import.meta.url), 'utf8'), text);
    });
});
