import { setTimeout as pause } from 'node:timers/promises';
import {
  concatHex,
  encodeAbiParameters,
  encodeDeployData,
  type Hex,
  keccak256,
  numberToHex,
  stringToHex,
} from 'viem';
import { createObserver, type Observer } from '../../../node/observe/observer.ts';
import type { BlockEvent, ChainState } from '../../../node/lib/pipeline.ts';
import type { Anchors } from '../../../node/store/anchors.ts';
import { limits } from '../../../devnet/vault.ts';
import {
  feedBoundBytecode,
  leakyVaultAbi,
  leakyVaultBytecode,
  registryAbi,
  sharePriceFallBytecode,
} from '../../../protocol/abi.ts';
import type { Deployment } from '../../../protocol/deployment.ts';
import { canonicalManifest, type Manifest, rulesOf } from '../../../protocol/manifest.ts';
import { type NamedRule, ruleOf } from '../../../protocol/named-rule.ts';
import { evmRule, ruleId } from '../../../protocol/verdict.ts';
import { funded, startAnvil } from '../anvil.ts';
import { createNetwork } from '../submit/network.ts';

/** Stores the second word it is sent in the slot named by the first. */
const SLOTS_BYTECODE = '0x666020355f3555005f5260076019f3';

/** A 32-byte word. */
export const word = (value: bigint | number): Hex => numberToHex(value, { size: 32 });

/** What a rule without an anchor is armed at. */
const NO_ANCHOR = [0n, word(0)] as const;

type RuleShape = Extract<NamedRule, { kind: 'predicate' }>;

/** A local chain with a registry, a seated committee, and a contract whose slots the test writes. */
export async function createWorld({ rollCallPeriod }: Readonly<{ rollCallPeriod?: bigint }> = {}) {
  const anvil = await startAnvil(['--slots-in-an-epoch', '2', '--max-persisted-states', '1024']);
  const { wallet, client, test } = anvil;
  const network = await createNetwork(anvil, undefined, rollCallPeriod);
  const { domain, hub } = network;
  const from = funded(0).address;
  const place = async (data: Hex): Promise<Hex> => {
    const hash = await wallet.sendTransaction({ data });
    const { contractAddress } = await client.waitForTransactionReceipt({ hash });
    return (contractAddress ?? '0x').toLowerCase() as Hex;
  };
  const sent = async (hash: Hex) => void (await client.waitForTransactionReceipt({ hash }));
  const slots = await place(SLOTS_BYTECODE);
  const codes = {
    price: await place(sharePriceFallBytecode),
    feed: await place(feedBoundBytecode),
  };
  const hashes = {
    price: keccak256((await client.getCode({ address: codes.price })) ?? '0x'),
    feed: keccak256((await client.getCode({ address: codes.feed })) ?? '0x'),
  };

  const ruleShape = (
    kind: 'price' | 'feed',
    name: string,
    numbers: readonly number[],
    more: Partial<RuleShape> = {},
  ): RuleShape => ({
    name,
    kind: 'predicate',
    family: name,
    rung: 3,
    life: 600,
    detector: `${name}@1.0.0`,
    code: codes[kind],
    codeHash: hashes[kind],
    gas: 100_000,
    reference: { kind: 'lookback', blocks: 1 },
    hold: 0,
    slots: numbers.map((number) => ({ account: slots, slot: word(number) })),
    params:
      kind === 'price'
        ? encodeAbiParameters([{ type: 'uint32' }], [200])
        : encodeAbiParameters([{ type: 'uint32' }, { type: 'uint32' }], [500, 500]),
    ...more,
  });

  const request = (method: string, ...params: readonly unknown[]) =>
    test.request({ method, params } as unknown as Parameters<
      typeof test.request
    >[0]) as Promise<unknown>;

  return {
    anvil,
    network,
    domain,
    deployment: network.deployment,
    slots,
    ruleShape,
    /** Covers a fresh vault with these rules; `manifest` stands in for the true one. */
    cover: async (
      rules: readonly NamedRule[],
      manifest?: (true_: string) => string,
    ): Promise<Hex> => {
      const target = await place(
        encodeDeployData({
          abi: leakyVaultAbi,
          bytecode: leakyVaultBytecode,
          args: [hub, from, slots, limits],
        }),
      );
      const truth: Manifest = { version: 1, name: 'Slots', target, rules: [...rules] };
      const text = canonicalManifest(truth);
      const args = [
        target,
        rulesOf(truth).map(evmRule),
        stringToHex(manifest?.(text) ?? text),
      ] as const;
      await sent(
        await wallet.writeContract({
          address: domain.registry,
          abi: registryAbi,
          functionName: 'cover',
          args,
        }),
      );
      return client.readContract({
        address: domain.registry,
        abi: registryAbi,
        functionName: 'coverageOf',
        args: [target],
      });
    },
    arm: async (coverageId: Hex, shape: NamedRule) => {
      const rule = ruleOf(shape);
      const { number, hash } = await client.getBlock();
      const anchor = rule.reference.kind === 'anchor' ? ([number, hash] as const) : NO_ANCHOR;
      const args = [coverageId, ruleId(rule), ...anchor] as const;
      await sent(
        await wallet.writeContract({
          address: domain.registry,
          abi: registryAbi,
          functionName: 'arm',
          args,
        }),
      );
    },
    /** Gives a coverage other rules; `manifest` stands in for the true one. */
    amend: async (
      coverageId: Hex,
      former: readonly RuleShape[],
      rules: readonly RuleShape[],
      manifest?: (true_: string) => string,
    ) => {
      const registry = { address: domain.registry, abi: registryAbi } as const;
      const { target } = await client.readContract({
        ...registry,
        functionName: 'coverage',
        args: [coverageId],
      });
      const shaped = (shapes: readonly RuleShape[]): Manifest => ({
        version: 1,
        name: 'Slots',
        target: target.toLowerCase() as Hex,
        rules: [...shapes],
      });
      const text = canonicalManifest(shaped(rules));
      const args = [
        coverageId,
        rulesOf(shaped(former)).map(ruleId),
        rulesOf(shaped(rules)).map(evmRule),
        stringToHex(manifest?.(text) ?? text),
      ] as const;
      await sent(await wallet.writeContract({ ...registry, functionName: 'amend', args }));
    },
    retire: async (coverageId: Hex) =>
      sent(
        await wallet.writeContract({
          address: domain.registry,
          abi: registryAbi,
          functionName: 'retire',
          args: [coverageId],
        }),
      ),
    /** Queues a write; the next block holds it. */
    write: (slot: number, value: bigint) =>
      request('eth_sendTransaction', {
        from,
        to: slots,
        data: concatHex([word(slot), word(value)]),
        gas: '0x186a0',
      }),
    mine: (blocks = 1) => request('anvil_mine', numberToHex(blocks)),
    reorg: (depth: number) => request('anvil_reorg', depth, []),
    request,
    /** Remembers the chain; what is given back returns to it, with a block for every transaction. */
    remember: async () => {
      const snapshot = await request('evm_snapshot');
      return async () => {
        await request('evm_revert', snapshot);
        await request('evm_setAutomine', true);
      };
    },
    stop: anvil.stop,
  };
}

/** A world under test. */
export type World = Awaited<ReturnType<typeof createWorld>>;

/** Anchors that forget with the test. */
export function memoryAnchors(): Anchors {
  const kept = new Map<string, Parameters<Anchors['put']>[2]>();
  return {
    get: async (rule, block) => kept.get(rule + block)?.values ?? null,
    answers: async (rule, block) => Object.fromEntries(kept.get(rule + block)?.answers ?? []),
    put: async (rule, block, shown) => void kept.set(rule + block, shown),
  };
}

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** An observer whose events are written down as they come. */
export function watch(
  rpc: readonly string[],
  deployment: Deployment,
  onBlock?: (observer: Observer, state: ChainState) => Promise<void>,
) {
  const faults: string[] = [];
  const ignored: string[] = [];
  const missing: { found: bigint; made: bigint }[] = [];
  const events: BlockEvent[] = [];
  const stopping = new AbortController();
  const anchors = memoryAnchors();
  const observer = createObserver(
    {
      rpc,
      deployment,
      anchors,
      onFault: (code) => faults.push(code),
      onIgnored: (_, code) => ignored.push(code),
      onMissing: (_, found, made) => missing.push({ found, made }),
    },
    { pollMs: 20 },
  );
  const blocks = () => events.filter((event): event is BlockSeen => event.kind === 'block');
  let failure: unknown = null;
  const done = (async () => {
    for await (const event of observer.events(stopping.signal)) {
      if (event.kind === 'block') await onBlock?.(observer, event.state);
      events.push(event);
    }
  })().catch((error: unknown) => {
    failure = error;
  });
  return {
    observer,
    anchors,
    faults,
    ignored,
    missing,
    events,
    blocks,
    tip: () => blocks().at(-1),
    /** Waits until the block with this hash came out. */
    reach: (hash: Hex) => until(() => failure !== null || blocks().at(-1)?.block.hash === hash),
    failure: () => failure,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

/** Waits for a condition, ten seconds at most. */
export async function until(holds: () => boolean, ms = 30_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!holds()) {
    if (Date.now() > deadline) throw new TypeError('the condition did not come true in time');
    await pause(5);
  }
}
