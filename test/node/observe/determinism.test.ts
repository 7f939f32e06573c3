import assert from 'node:assert/strict';
import { concatHex, type Hex, keccak256 } from 'viem';
import { createPredicates } from '../../../node/detect/predicates.ts';
import type { Abstention, Finding } from '../../../node/lib/pipeline.ts';
import type { NamedRule } from '../../../protocol/named-rule.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { claimsRoot } from '../../../protocol/verdict.ts';
import { encodeVerdict } from '../../../protocol/wire.ts';
import { funded } from '../anvil.ts';
import {
  compiledByItsAuthor,
  deployed,
  opinionsOver,
  sentinelRule,
  VAULT,
  VAULT_CODE,
} from './opinions.ts';
import { type Proxy, startProxy } from './proxy.ts';
import { createWorld, watch, type World, word } from './support.ts';

const NODES = 7;
const BLOCKS = 500;
/** Blocks after which the newest three are replaced. */
const REORGS = [120, 260, 410];

/** The verdict of a finding, as every watcher must write it. */
const verdictOf = ({ block, epoch, covered, values }: Finding): Verdict => ({
  observedChainId: block.chainId,
  coverageId: covered.coverageId,
  ruleId: covered.ruleId,
  blockHash: block.hash,
  subject: word(0),
  height: block.height,
  epoch,
  rung: covered.rule.rung,
  life: covered.rule.life,
  claimsRoot: claimsRoot(values),
});

/**
 * What a node made of a block; `silent` when a provider was too slow to tell it everything. `proven` asks again, of
 * facts with what the node asks for before it signs: the local chain reads a state of its newest block as the next one
 * replaces it.
 */
type Judgement = Readonly<{
  verdicts: readonly Hex[];
  /** Of the rules that fired. */
  names: readonly string[];
  all: string;
  silent: boolean;
  proven: () => Promise<boolean>;
}>;

/** What a share is worth and what a holder has, of the vault. */
const detectorRules: readonly NamedRule[] = [
  {
    name: 'shares',
    kind: 'detector',
    class: 'B',
    family: 'share-price',
    rung: 2,
    life: 600,
    detector: 'share-price@1.0.0',
    startBlock: 0,
    lookback: 1,
    parameters: { vault: VAULT, maxFallBps: 2 },
  },
  {
    name: 'outflow',
    kind: 'detector',
    class: 'B',
    family: 'outflow',
    rung: 2,
    life: 600,
    detector: 'outflow@1.0.0',
    startBlock: 1,
    lookback: 20,
    parameters: { token: VAULT, holder: VAULT, windowBlocks: 20, maxOutflowBps: 10 },
  },
];

/** Queues words to the vault. */
const tell = (world: World, ...words: readonly Hex[]) =>
  world.request('eth_sendTransaction', {
    from: funded(0).address,
    to: VAULT,
    data: concatHex(words),
    gas: '0x186a0',
  });

/** What was said of one rule: the measure and the values of a finding, why there is none else. */
const opinionText = (one: Finding | Abstention): string =>
  ('values' in one
    ? [one.covered.ruleId, one.measure, ...one.values]
    : [one.ruleId, one.code]
  ).join(' ');

/** Where two texts part. */
const difference = (one: string, other: string): string => {
  const at = one.split('').findIndex((character, index) => character !== other[index]);
  return [one, other].map((text) => text.slice(Math.max(0, at - 200), at + 200)).join('\n\n');
};

/** One node's observe and detect behind a provider of its own; `judged` is what it said, by block hash. */
function startNode(proxy: Proxy, deployment: Parameters<typeof watch>[1]) {
  const judged = new Map<Hex, Judgement>();
  let opinions: ReturnType<typeof opinionsOver> | undefined;
  const watched = watch([proxy.url], deployment, async (observer, state) => {
    const detector = createPredicates({ codeOf: observer.codeOf });
    const { facts, abstentions } = await observer.facts(state);
    const findings: Finding[] = [];
    const said: unknown[] = [];
    for (const fact of facts) {
      const found = await detector.detect(fact);
      if (found !== null && 'values' in found) findings.push(found);
      said.push(
        fact.evaluations,
        found === null ? null : 'code' in found ? found.code : found.measure,
      );
    }
    opinions ??= opinionsOver(observer, deployment.chainId);
    const opined = await opinions.of(state);
    for (const one of opined) if ('values' in one) findings.push(one);
    said.push(...opined.map(opinionText));
    const verdicts = findings.map((finding) => keccak256(encodeVerdict(verdictOf(finding))));
    const names = findings.map(({ covered }) => covered.name);
    const text = JSON.stringify([state, facts, abstentions, said], (_, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? [...value] : value,
    );
    const codes = [...abstentions.map(({ code }) => code), ...said];
    const silent = codes.some((code) =>
      /(PROVIDER|CODE_UNAVAILABLE|FOLD_BEHIND|SAMPLE_MISSING)/.test(String(code)),
    );
    const proven = async () => {
      const again = await opinionsOver(observer, deployment.chainId).of(state);
      const refused = await Promise.all(facts.map((fact) => observer.prove(fact)));
      const isSame = String(again.map(opinionText)) === String(opined.map(opinionText));
      return isSame && refused.every((one) => one === null);
    };
    judged.set(state.block.hash, { verdicts, names, all: text, silent, proven });
  });
  return { ...watched, judged };
}

describe('seven nodes', () => {
  it(`write the same verdicts to the byte over ${BLOCKS} blocks and ${REORGS.length} reorgs, whatever the order of answers`, async function () {
    this.timeout(300_000);
    const world = await createWorld();
    const proxies = await Promise.all(
      Array.from({ length: NODES }, () => startProxy(world.anvil.url)),
    );
    for (const [index, proxy] of proxies.entries()) {
      proxy.shuffles = true;
      proxy.delay = () => (index % 2 === 0 ? Math.random() * 12 : Math.random() < 0.1 ? 40 : 0);
    }
    let nodes: ReturnType<typeof startNode>[] = [];
    try {
      const anchored = world.ruleShape('feed', 'anchored', [3], { reference: { kind: 'anchor' } });
      const price = world.ruleShape('price', 'price', [1, 2], {
        reference: { kind: 'lookback', blocks: 2 },
      });
      const held = world.ruleShape('feed', 'held', [4], { hold: 2 });
      const far = world.ruleShape('feed', 'far', [4], {
        reference: { kind: 'lookback', blocks: 40 },
        hold: 5,
      });
      const shadow = world.ruleShape('price', 'shadow', [2, 1]);
      await world.write(3, 1_000n);
      await world.request('anvil_setCode', VAULT, VAULT_CODE);
      await world.request('anvil_setBalance', VAULT, '0x100000000');
      const trap = await deployed(
        world,
        sentinelRule('trap', await compiledByItsAuthor('BalanceTrap'), { samples: 3 }),
      );
      const watchers = [trap, ...detectorRules];
      const coverageId = await world.cover([anchored, price, held, far, shadow, ...watchers]);
      for (const shape of [anchored, price, held, far, trap]) await world.arm(coverageId, shape);
      await world.request('evm_setAutomine', false);
      const { number: first } = await world.anvil.client.getBlock();
      nodes = proxies.map((proxy) => startNode(proxy, world.deployment));
      const allAtHead = async () => {
        const { hash, number } = await world.anvil.client.getBlock();
        await Promise.all(nodes.map((node) => node.reach(hash)));
        for (const node of nodes) assert.equal(node.failure(), null);
        return Number(number - first);
      };
      let mined = await allAtHead();
      let random = 7n;
      const draw = (bound: number) => {
        random = (random * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) % 2n ** 64n;
        return Number((random >> 33n) % BigInt(bound));
      };
      const reorgs = [...REORGS];
      while (mined < BLOCKS) {
        for (const slot of [1, 2, 3, 4])
          if (draw(3) > 0) await world.write(slot, BigInt(900 + draw(200)));
        for (const slot of [0x01, 0x18, 0x70])
          if (draw(3) > 0) await tell(world, word(slot), word(10_000_000 + draw(20_000)));
        if (draw(2) > 0) await tell(world, word(draw(0x20000000)), word(0), word(0));
        await world.mine(Math.min(1 + draw(6), BLOCKS - mined));
        // Nodes fall behind by a few blocks, and fill the gap by themselves.
        if (draw(3) === 0) mined = await allAtHead();
        else mined = Number((await world.anvil.client.getBlockNumber({ cacheTime: 0 })) - first);
        if (reorgs[0] !== undefined && mined >= reorgs[0]) {
          reorgs.shift();
          // What is dropped must differ from what replaces it: empty blocks come back the same.
          for (let block = 0; block < 3; block++) {
            await world.write(1, BigInt(2_000 + draw(1_000)));
            await world.mine(1);
          }
          await allAtHead();
          await world.reorg(3);
          await world.mine(1);
          mined = await allAtHead();
        }
      }
      await allAtHead();

      const [reference, ...others] = nodes.map(({ judged }) => judged);
      assert.ok(reference !== undefined);
      let silences = 0;
      for (const other of others) {
        assert.deepEqual([...other.keys()].sort(), [...reference.keys()].sort());
        for (const [hash, judgement] of other) {
          const expected: Judgement = reference.get(hash)!;
          // On a starved machine a provider answers too late, or wrongly: then a node says less, never something else.
          if (judgement.all === expected.all) {
            assert.deepEqual(judgement.verdicts, expected.verdicts);
            continue;
          }
          const isSure = !judgement.silent && !expected.silent;
          if (isSure && (await judgement.proven()) && (await expected.proven()))
            assert.fail(difference(expected.all, judgement.all));
          silences++;
        }
      }
      assert.ok(silences < 0.02 * NODES * BLOCKS, `${silences} silent judgements`);
      for (let height = first; height <= first + BigInt(BLOCKS); height++)
        assert.ok(reference.has((await world.anvil.client.getBlock({ blockNumber: height })).hash));
      assert.equal(reference.size, BLOCKS + 1 + 3 * REORGS.length);
      for (const { events } of nodes)
        assert.equal(events.filter(({ kind }) => kind === 'reorg').length, REORGS.length);
      assert.ok([...reference.values()].flatMap(({ verdicts }) => verdicts).length > 300);
      const fired = [...reference.values()].flatMap(({ names }) => names);
      for (const name of ['trap', 'shares', 'outflow'])
        assert.ok(fired.filter((one) => one === name).length > 20, name);
      assert.deepEqual(
        nodes.flatMap(({ faults }) => faults),
        [],
      );
    } finally {
      for (const node of nodes) await node.stop();
      for (const proxy of proxies) await proxy.stop();
      await world.stop();
    }
  });
});
