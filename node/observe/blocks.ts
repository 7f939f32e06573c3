import { setTimeout as wait } from 'node:timers/promises';
import { type Hex, numberToHex } from 'viem';
import { Fault, faults } from '../../protocol/fault.ts';
import { keepNewest } from '../lib/keep-newest.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { type Header, readHeader } from './header.ts';
import { createRhythm } from './rhythm.ts';

const fault = faults<{
  BLOCK_MISSING: { block: Hex };
  BLOCK_OTHER: { asked: Hex; given: Hex };
  HEIGHT_OTHER: { block: Hex; height: bigint; expected: bigint };
}>();

/** Headers kept: the deepest reorg that is followed, and the longest lookback and hold of a rule. */
const KEPT = 256;
/** Blocks before the first that comes out, so that a reorg across the start is followed too. */
const BEFORE_START = 64;
/** Headers asked for in one batch. */
const CHUNK = 64;
/** The longest gap that is made up for: no certificate is about older blocks, and full nodes keep about 128 states. */
const LONGEST_GAP = 96n;
/** Blocks behind the head that no reorg is expected to reach where the chain does not say what is final. */
const FINAL_DEPTH = 64n;
/** Milliseconds from one look to the next however much is told: who floods a node shall not keep it busy. */
const LEAST_MS = 20;
/** Blocks from one question for what is final to the next. */
const FINAL_EVERY = 32n;

/**
 * What happens to the chain, in order. `attached` is what the caller reads at each block. A reorg that reaches below
 * everything remembered, or a gap that is too long, has no `common`: observation starts again at the head, and blocks
 * before it do not come out.
 */
export type ChainStep<T> =
  | Readonly<{ kind: 'block'; block: Header; attached: T; seenAt: number }>
  | Readonly<{ kind: 'reorg'; common: Block | null; dropped: readonly Block[] }>
  | Readonly<{ kind: 'final'; height: bigint }>;

/** The canonical chain as the providers agree on it. */
export type Blocks = ReturnType<typeof createBlocks>;

/** Follows parent hashes; every canonical block comes out once, whatever the providers skip. */
export function createBlocks(
  providers: Providers,
  chainId: bigint,
  pollMs: number,
  onFault: (code: string) => void,
) {
  const headers = new Map<Hex, Header>();
  const asked = new Map<string, Promise<Header | null>>();
  // Heights are consecutive; the last is the newest that came out.
  let chain: Header[] = [];
  let final = -1n;

  const remember = (header: Header) => {
    headers.set(header.hash, header);
    keepNewest(headers, 2 * KEPT);
    return header;
  };

  const parse = (answer: unknown) => (answer === null ? null : readHeader(chainId, answer));

  /** Rules that look back equally far ask for the same headers at once. */
  const ask = (method: string, block: Hex): Promise<Header | null> => {
    const key = `${method}${block}`;
    const known = asked.get(key);
    if (known !== undefined) return known;
    const answer = providers.agreed(method, [block, false], parse);
    asked.set(key, answer);
    const forget = () => asked.delete(key);
    answer.then(forget, forget);
    return answer;
  };

  const byHash = async (hash: Hex): Promise<Header> => {
    const known = headers.get(hash);
    if (known !== undefined) return known;
    const header = await ask('eth_getBlockByHash', hash);
    if (header === null) throw fault('BLOCK_MISSING', { block: hash });
    if (header.hash !== hash) throw fault('BLOCK_OTHER', { asked: hash, given: header.hash });
    return remember(header);
  };

  /** The `count` ancestors of a block, nearest first. Those asked for by number count only where parent hashes link them. */
  const ancestors = async (from: Header | Block, count: number): Promise<readonly Header[]> => {
    const found: Header[] = [];
    let cursor: Block = from;
    const take = (header: Header) => {
      const expected = cursor.height - 1n;
      const { hash, height } = header;
      if (height !== expected) throw fault('HEIGHT_OTHER', { block: hash, height, expected });
      cursor = remember(header);
      found.push(header);
    };
    while (found.length < count && cursor.height > 0n) {
      const known = headers.get(cursor.parentHash);
      if (known !== undefined) {
        take(known);
        continue;
      }
      const wanted = Math.min(count - found.length, CHUNK, Number(cursor.height));
      const heights = Array.from({ length: wanted }, (_, index) =>
        numberToHex(cursor.height - BigInt(index + 1)),
      );
      const guesses =
        wanted === 1
          ? []
          : await Promise.all(heights.map((height) => ask('eth_getBlockByNumber', height)));
      const linked = found.length;
      for (const guess of guesses) if (guess?.hash === cursor.parentHash) take(guess);
      if (found.length === linked) take(await byHash(cursor.parentHash));
    }
    return found;
  };

  /** The ancestor `back` blocks before, by parent hashes; null where the chain does not reach. */
  const ancestor = async (block: Block, back: number): Promise<Block | null> => {
    if (block.height < BigInt(back)) return null;
    return back === 0 ? block : ((await ancestors(block, back)).at(-1) ?? null);
  };

  /** The newest block that every provider has. */
  const head = async (): Promise<Header> => {
    const heads = await providers.heads((answer) => readHeader(chainId, answer));
    const lowest = heads.reduce((low, header) => (header.height < low.height ? header : low));
    if (heads.every(({ hash }) => hash === lowest.hash)) return remember(lowest);
    const agreed = await ask('eth_getBlockByNumber', numberToHex(lowest.height));
    if (agreed === null) throw fault('BLOCK_MISSING', { block: lowest.hash });
    return remember(agreed);
  };

  const finalHeads = (): Promise<readonly Header[] | null> =>
    providers
      .each('eth_getBlockByNumber', ['finalized', false], (answer) => readHeader(chainId, answer))
      .catch(() => null);

  /** The lowest block that providers call final, as long as it is one of ours. */
  const finalHeight = (tip: Header, finals: readonly Header[] | null): bigint => {
    if (finals === null) return tip.height - FINAL_DEPTH;
    const lowest = finals.reduce((low, header) => (header.height < low.height ? header : low));
    const own = chain[Number(lowest.height - chain[0]!.height)];
    if (lowest.height > tip.height || (own !== undefined && own.hash !== lowest.hash)) return -1n;
    return lowest.height;
  };

  const isOurs = ({ height, hash }: Header) => {
    const [oldest] = chain;
    return (
      oldest !== undefined &&
      height >= oldest.height &&
      chain[Number(height - oldest.height)]?.hash === hash
    );
  };

  const isKept = async ({ height, hash }: Header): Promise<boolean> =>
    (await ask('eth_getBlockByNumber', numberToHex(height)))?.hash === hash;

  /**
   * What is new from the newest block that is ours up to `to`, oldest first, and that newest block. Null and `to` alone
   * where nothing is ours: at the start, and when providers have moved to a chain that left ours before all we remember.
   */
  const pathTo = async (
    to: Header,
  ): Promise<Readonly<{ common: Header | null; fresh: readonly Header[] }>> => {
    if (isOurs(to)) return { common: to, fresh: [] };
    const [oldest, tip] = [chain[0], chain.at(-1)];
    // A provider that lags far behind is no reorg: all others still have what this node saw.
    if (oldest !== undefined && to.height < oldest.height && (await isKept(oldest)))
      return { common: to, fresh: [] };
    const isNear = tip !== undefined && to.height - tip.height <= LONGEST_GAP;
    if (oldest === undefined || !isNear) return { common: null, fresh: [to] };
    const fresh: Header[] = [to];
    for (let next = Number(to.height - tip.height); ; next = CHUNK) {
      for (const header of await ancestors(fresh.at(-1)!, Math.max(next, 1))) {
        if (isOurs(header)) return { common: header, fresh: fresh.reverse() };
        fresh.push(header);
      }
      if (fresh.at(-1)!.height <= oldest.height) return { common: null, fresh: [to] };
    }
  };

  /** Makes `common` the newest of ours, or starts anew before `to`; what is no longer ours. */
  const turnTo = async (common: Header | null, to: Header): Promise<readonly Header[]> => {
    if (common !== null) return chain.splice(Number(common.height - chain[0]!.height) + 1);
    const before = await ancestors(to, BEFORE_START);
    const dropped = chain;
    chain = [...before].reverse();
    final = -1n;
    return dropped;
  };

  async function* advance<T>(
    to: Header,
    seenAt: number,
    attach: (block: Header) => Promise<T>,
  ): AsyncGenerator<ChainStep<T>, void, undefined> {
    const { common, fresh } = await pathTo(to);
    // A head that already was ours: a provider lags behind itself.
    if (fresh.length === 0) return;
    const dropped = await turnTo(common, to);
    if (dropped.length > 0) yield { kind: 'reorg', common, dropped };
    for (const block of fresh) {
      // When this fails, the rest of the path is found anew: the block may be gone by then.
      const attached = await attach(block);
      chain.push(block);
      if (chain.length > 2 * KEPT) chain = chain.slice(-KEPT);
      yield { kind: 'block', block, attached, seenAt };
    }
  }

  function* settle(
    finals: readonly Header[] | null,
  ): Generator<Extract<ChainStep<never>, { kind: 'final' }>, void, undefined> {
    const height = finalHeight(chain.at(-1)!, finals);
    if (height <= final) return;
    final = height;
    yield { kind: 'final', height };
  }

  /** Ends with the signal. An RPC that fails is asked again; nothing is skipped meanwhile. */
  async function* steps<T>(
    attach: (block: Header) => Promise<T>,
    signal: AbortSignal,
  ): AsyncGenerator<ChainStep<T>, void, undefined> {
    const { told, areTelling } = providers;
    const rhythm = createRhythm(pollMs);
    let settledAt: bigint | null = null;
    // What is final is asked for with the next head: over HTTP no request of its own.
    let owesFinal = false;
    signal.addEventListener('abort', told.close, { once: true });
    while (!signal.aborted) {
      const at = performance.now();
      const before = told.count();
      const isTold = areTelling();
      let fresh = 0;
      try {
        const [newest, finals]: [Header, readonly Header[] | null] = await Promise.all([
          head(),
          owesFinal ? finalHeads() : null,
        ]);
        const seenAt = Date.now();
        if (owesFinal) {
          yield* settle(finals);
          settledAt = newest.height;
        }
        owesFinal = false;
        for await (const step of advance(newest, seenAt, attach)) {
          owesFinal = settledAt === null || newest.height >= settledAt + FINAL_EVERY;
          if (step.kind === 'block') fresh++;
          // What was settled may have been of a chain that nobody has.
          else if (step.kind === 'reorg' && step.common === null) settledAt = null;
          yield step;
          if (signal.aborted) return;
        }
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        onFault(error.code);
        fresh = 0;
      }
      if (fresh > 0) rhythm.note(at, fresh, isTold);
      const ms =
        fresh > 0 && areTelling()
          ? rhythm.patience()
          : rhythm.pause(at, performance.now(), fresh > 0);
      await told.wait(before, ms);
      await wait(Math.max(0, at + LEAST_MS - performance.now()), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  return { steps, ancestor, byHash };
}
