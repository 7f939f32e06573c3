import assert from 'node:assert/strict';
import { type Hex, keccak256 } from 'viem';
import { createSentinels } from '../../../node/detect/sentinels.ts';
import type { SampledFact } from '../../../node/lib/pipeline.ts';
import { covered, sentinelRule } from '../observe/opinions.ts';
import { word } from '../observe/support.ts';

/** Calls one address after the other, none of them twice: each is the block's number and a count. */
const CALLS_WITHOUT_END: Hex = '0x5f5b6001015f5f5f5f844360201b015afa50600156';
const FIRES: Hex = '0x60015f52604060205260605ff3';
const LACKS_PRECOMPILE: Hex = '0x5f5f5f5f600a5afa50';

const factOf = (code: Hex, height: bigint): SampledFact => ({
  block: {
    chainId: 1n,
    height,
    hash: keccak256(word(height)),
    parentHash: keccak256(word(height - 1n)),
    stateRoot: word(0),
    timestamp: height,
  },
  epoch: 1n,
  covered: covered(sentinelRule('raw', code)),
  code,
  samples: ['0x'],
});

describe('what a sentinel runs in', () => {
  it('forgets whatever a run touched, so that no later block weighs more', async () => {
    const { detect } = createSentinels({ chainId: 1 });
    for (let height = 1n; height <= 300n; height++) {
      const found = await detect(factOf(CALLS_WITHOUT_END, height));
      assert.ok(found !== null && 'code' in found);
      assert.equal(found.code, 'FAULTED');
    }
  });

  it('is as new after a run that broke it', async () => {
    const { detect } = createSentinels({ chainId: 1 });
    for (let height = 1n; height <= 3n; height++) {
      const broken = await detect(factOf(LACKS_PRECOMPILE, height));
      assert.ok(broken !== null && 'code' in broken);
      assert.ok('measure' in ((await detect(factOf(FIRES, height))) ?? {}));
    }
  });
});
