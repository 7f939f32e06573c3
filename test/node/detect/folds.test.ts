import assert from 'node:assert/strict';
import { type Hex, keccak256, numberToHex, stringToHex } from 'viem';
import { createFolds } from '../../../node/detect/folds.ts';
import type { OldBlocks } from '../../../node/detect/rebuilding.ts';
import type { Block, ChainState, CoveredRule } from '../../../node/lib/pipeline.ts';
import { covered } from '../observe/opinions.ts';

const ADDRESS: Hex = `0x${'11'.repeat(20)}`;
const MEMORY = 100;

const hashOf = (height: bigint, branch: string): Hex =>
  keccak256(stringToHex(`${height}${branch}`));
/** A block of a branch that left the trunk at `fork`. */
const blockOf = (height: bigint, branch = '', fork = 0n): Block => ({
  chainId: 1n,
  height,
  hash: hashOf(height, height > fork ? branch : ''),
  parentHash: hashOf(height - 1n, height - 1n > fork ? branch : ''),
  timestamp: height * 12n,
  stateRoot: hashOf(height, 'root'),
});
/** Falls by a tenth every 50 blocks. */
const balanceAt = (height: bigint): Hex =>
  numberToHex(10_000n - 1_000n * ((height / 50n) % 10n), { size: 32 });

const rule = (more: { startBlock?: number; coverageId?: Hex } = {}): CoveredRule =>
  covered(
    {
      name: 'outflow',
      kind: 'detector',
      class: 'B',
      family: 'outflow',
      rung: 2,
      life: 600,
      detector: 'outflow@1.0.0',
      startBlock: more.startBlock ?? 0,
      lookback: 96,
      parameters: { token: ADDRESS, holder: ADDRESS, windowBlocks: MEMORY, maxOutflowBps: 900 },
    },
    more.coverageId === undefined ? {} : { coverageId: more.coverageId },
  );

/** A node's folds over a chain that the test decides. */
function startNode(changes: Partial<OldBlocks> = {}) {
  const asked: bigint[] = [];
  const chain = { branch: '', fork: 0n };
  const folds = createFolds({
    blockAt: async (height) => blockOf(height, chain.branch, chain.fork),
    read: async ({ height }) => {
      asked.push(height);
      return [balanceAt(height)];
    },
    ...changes,
  });
  const see = async (block: Block, ...rules: readonly CoveredRule[]) => {
    const state: ChainState = { block, epoch: 1n, committee: null, rules, struck: [] };
    const said = rules.map((one) => {
      const asks = folds.ask(block, one);
      const found = 'code' in asks ? asks : folds.judge(state, one, [balanceAt(block.height)]);
      return found === null ? 'quiet' : 'code' in found ? found.code : `fires ${found.measure}`;
    });
    await folds.advance(state);
    return said[0]!;
  };
  return { chain, asked, see };
}

/** What a node says of the blocks from one height to another. */
const saidOf = async (
  { see, chain }: ReturnType<typeof startNode>,
  from: bigint,
  to: bigint,
  one = rule(),
) => {
  const said: string[] = [];
  for (let height = from; height <= to; height++)
    said.push(await see(blockOf(height, chain.branch, chain.fork), one));
  return said;
};

describe('folds', () => {
  it('of a node that joins are rebuilt in slices, and say then what a node says that saw it all', async () => {
    const all = await saidOf(startNode(), 0n, 700n);
    assert.ok(all.includes('quiet') && all.some((said) => said.startsWith('fires')));
    const joined = startNode();
    const said = await saidOf(joined, 500n, 700n);
    const behind = said.lastIndexOf('FOLD_BEHIND') + 1;
    assert.ok(behind > 1 && behind < 8, `${behind} blocks behind`);
    assert.ok(said.slice(0, behind).every((one) => one === 'FOLD_BEHIND'));
    assert.deepEqual(said.slice(behind), all.slice(500 + behind));
  });

  it('ask for no old block once they have caught up', async () => {
    const { asked, ...node } = startNode();
    await saidOf({ asked, ...node }, 500n, 510n);
    const count = asked.length;
    await saidOf({ asked, ...node }, 511n, 560n);
    assert.equal(asked.length, count);
  });

  it('where old states are forgotten are whole after as many blocks as the rule looks back', async () => {
    const gone = () => Promise.reject(new RangeError('forgotten'));
    let reads = 0;
    const node = startNode({
      read: () => {
        reads++;
        return gone();
      },
    });
    const said = await saidOf(node, 500n, 650n);
    assert.equal(said.lastIndexOf('FOLD_BEHIND'), MEMORY - 1);
    assert.deepEqual(said.slice(MEMORY), (await saidOf(startNode(), 0n, 650n)).slice(500 + MEMORY));
    assert.ok(reads < 400, `${reads} reads of what is gone`);
  });

  it('follow a reorg from the block it goes back to', async () => {
    const node = startNode();
    await saidOf(node, 300n, 420n);
    Object.assign(node.chain, { branch: 'b', fork: 380n });
    const asked = node.asked.length;
    const said = await saidOf(node, 381n, 500n);
    assert.deepEqual(said, (await saidOf(startNode(), 0n, 500n)).slice(381));
    assert.equal(node.asked.length, asked);
  });

  it('begin anew after a reorg deeper than they remember', async () => {
    const node = startNode();
    await saidOf(node, 300n, 420n);
    Object.assign(node.chain, { branch: 'b', fork: 340n });
    const said = await saidOf(node, 341n, 420n);
    assert.equal(said[0], 'FOLD_BEHIND');
    assert.deepEqual(said.slice(20), (await saidOf(startNode(), 0n, 420n)).slice(361));
  });

  it('that are being rebuilt take no block of a chain that was left', async () => {
    const node = startNode();
    await saidOf(node, 500n, 502n);
    Object.assign(node.chain, { branch: 'b', fork: 430n });
    const said = await saidOf(node, 503n, 520n);
    assert.deepEqual(said.slice(10), (await saidOf(startNode(), 0n, 520n)).slice(513));
  });

  it('begin at the start block, and say nothing before it', async () => {
    const one = rule({ startBlock: 560 });
    const said = await saidOf(startNode(), 500n, 700n, one);
    assert.ok(said.slice(0, 60).every((code) => code === 'NOT_STARTED'));
    assert.equal(said[60], 'quiet');
    const later = await saidOf(startNode(), 640n, 700n, one);
    assert.deepEqual(later.slice(10), said.slice(150));
  });

  it('of a coverage with sixteen rules behind keep no other from being rebuilt', async () => {
    const node = startNode();
    const many = Array.from({ length: 16 }, (_, index) => ({
      ...rule(),
      ruleId: numberToHex(index, { size: 32 }),
    }));
    const other = rule({ coverageId: numberToHex(2, { size: 32 }) });
    const said: string[] = [];
    for (let height = 500n; height < 520n; height++)
      said.push(await node.see(blockOf(height), other, ...many));
    assert.ok(said.lastIndexOf('FOLD_BEHIND') < 12, `${said.lastIndexOf('FOLD_BEHIND')}`);
  });

  it('of coverages that keep coming keep no older one from being rebuilt', async () => {
    const node = startNode();
    const other = rule();
    const said: string[] = [];
    for (let height = 500n; height < 540n; height++) {
      const newcomers = [0n, 1n].map((back) =>
        rule({ coverageId: numberToHex(100n + height - back, { size: 32 }) }),
      );
      const rules = height < 502n ? [other] : [other, ...newcomers];
      said.push(await node.see(blockOf(height), ...rules));
    }
    assert.ok(said.lastIndexOf('FOLD_BEHIND') < 30, `${said.lastIndexOf('FOLD_BEHIND')}`);
  });

  it('forget rules that are covered no longer', async () => {
    const node = startNode();
    await saidOf(node, 500n, 510n);
    await node.see(blockOf(511n));
    assert.equal(await node.see(blockOf(512n), rule()), 'FOLD_BEHIND');
  });
});
