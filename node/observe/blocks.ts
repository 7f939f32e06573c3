import type { Hex } from 'viem';
import { faults } from '../../protocol/fault.ts';
import type { Block } from '../lib/pipeline.ts';
import type { Providers } from '../lib/rpc.ts';
import { readHeader } from './header.ts';

const fault = faults<{ REORG_TOO_DEEP: { height: bigint }; BLOCK_MISSING: { block: string } }>();

/** Headers kept: the deepest reorg that is followed, and the longest lookback and hold of a rule. */
const KEPT = 1_200;
/** Blocks behind the head that no reorg is expected to reach where the chain does not say what is final. */
const FINAL_DEPTH = 64n;

/** What happens to the chain, in order. */
export type ChainStep =
  | Readonly<{ kind: 'block'; block: Block; seenAt: number }>
  | Readonly<{ kind: 'reorg'; common: Block; dropped: readonly Block[] }>
  | Readonly<{ kind: 'final'; height: bigint }>;

/** The canonical chain as the providers agree on it. */
export type Blocks = ReturnType<typeof createBlocks>;

/** Follows parent hashes; every canonical block comes out once, whatever the providers skip. */
export function createBlocks(providers: Providers, chainId: bigint, pollMs: number, onFault: (code: string) => void) {
  const headers = new Map<Hex, Block>();
  let chain: Block[] = [];

  const remember = (block: Block) => {
    headers.set(block.hash, block);
    const [oldest] = headers.keys();
    if (headers.size > 2 * KEPT && oldest !== undefined) headers.delete(oldest);
    return block;
  };

  const byHash = async (hash: Hex): Promise<Block> => {
    const known = headers.get(hash);
    if (known !== undefined) return known;
    const answer = await providers.agreed('eth_getBlockByHash', [hash, false]);
    if (answer === null) throw fault('BLOCK_MISSING', { block: hash });
    const block = readHeader(chainId, answer);
    if (block.hash !== hash) throw fault('BLOCK_MISSING', { block: hash });
    return remember(block);
  };

  /** The ancestor `back` blocks before, by parent hashes; null where the chain does not reach. */
  const ancestor = async (block: Block, back: number): Promise<Block | null> => {
    if (block.height < BigInt(back)) return null;
    let found = block;
    for (let i = 0; i < back; i++) found = await byHash(found.parentHash);
    return found;
  };

  const head = async (): Promise<Block> => {
    const answer = await providers.first('eth_getBlockByNumber', ['latest', false]);
    const found = readHeader(chainId, answer);
    const known = headers.get(found.hash);
    // What one provider calls the head is asked of all of them by hash.
    return known ?? byHash(found.hash);
  };

  async function* advance(to: Block): AsyncGenerator<ChainStep, void, undefined> {
    const tip = chain.at(-1);
    if (tip === undefined) {
      chain = [to];
      return yield { kind: 'block', block: to, seenAt: Date.now() };
    }
    const seenAt = Date.now();
    const fresh: Block[] = [];
    let cursor = to;
    while (!chain.some(({ hash }) => hash === cursor.hash)) {
      fresh.unshift(cursor);
      if (cursor.height <= chain[0]!.height) throw fault('REORG_TOO_DEEP', { height: cursor.height });
      cursor = await byHash(cursor.parentHash);
    }
    const dropped = chain.filter(({ height }) => height > cursor.height);
    if (fresh.length === 0 && dropped.length > 0 && to.height < tip.height) return;
    if (dropped.length > 0) {
      chain = chain.slice(0, chain.length - dropped.length);
      yield { kind: 'reorg', common: cursor, dropped };
    }
    for (const block of fresh) {
      chain = [...chain, block].slice(-KEPT);
      yield { kind: 'block', block, seenAt };
    }
    if (to.height > FINAL_DEPTH) yield { kind: 'final', height: to.height - FINAL_DEPTH };
  }

  /** Ends with the signal. An RPC that fails is asked again; nothing is skipped meanwhile. */
  async function* steps(signal: AbortSignal): AsyncGenerator<ChainStep, void, undefined> {
    while (!signal.aborted) {
      try {
        const newest = await head();
        if (newest.hash !== chain.at(-1)?.hash) yield* advance(newest);
        else await pause(pollMs, signal);
      } catch (error) {
        onFault(codeOf(error));
        await pause(pollMs, signal);
      }
    }
  }

  return { steps, ancestor, byHash };
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN');

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
