import { type Hex, isHex, keccak256 } from 'viem';
import type { Deployment } from '../../protocol/deployment.ts';
import { faults } from '../../protocol/fault.ts';
import type { Rule, Verdict } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import type { BlockEvent, CoveredRule } from '../lib/pipeline.ts';
import { type Ask, createProviders, type RpcEvents } from '../lib/rpc.ts';
import type { Anchors } from '../store/anchors.ts';
import { createAsking } from './asking.ts';
import { createBlocks } from './blocks.ts';
import { type ChainStateEvents, createChainStates } from './chain-state.ts';
import { createFacts } from './facts.ts';
import { agreedPeriod } from './period.ts';
import { createProbe } from './probe.ts';
import { type ProvenAt, provenSlots } from './prove.ts';
import { ruleProof } from './rule-proof.ts';
import { createSamples } from './samples.ts';
import { trueClaims } from './true-claims.ts';
import { createViews } from './views.ts';

const fault = faults<{ CODE_MISMATCH: { address: Hex; expected: Hex } }>();

/** What the observer stands on. */
export type ObserverDeps = Readonly<{
  rpc: readonly string[];
  deployment: Deployment;
  anchors: Anchors;
  onFault: (code: string) => void;
  onIgnored?: ChainStateEvents['onIgnored'];
  onMissing?: ChainStateEvents['onMissing'];
}> &
  RpcEvents;

/** The only room that reads the chain. */
export type Observer = ReturnType<typeof createObserver>;

/** Blocks with what the chain decides at each, the facts of a block, and their proofs. */
export function createObserver(deps: ObserverDeps, { pollMs }: { pollMs: number }) {
  const { deployment, onFault } = deps;
  const providers = createProviders(deps.rpc, deps);
  const blocks = createBlocks(providers, BigInt(deployment.chainId), pollMs, onFault);
  const states = createChainStates(providers, deployment, {
    onIgnored: deps.onIgnored ?? (() => undefined),
    onMissing: deps.onMissing ?? (() => undefined),
  });
  const facts = createFacts({
    providers,
    registry: deployment.registry,
    blocks,
    anchors: deps.anchors,
  });
  const { ask, askEach } = createAsking(providers);
  const views = createViews(providers, askEach, BigInt(deployment.chainId));
  const codes = new Map<Hex, Promise<Hex>>();

  /** A block comes out with its state or not yet: none is skipped because a provider failed. */
  async function* events(signal: AbortSignal): AsyncGenerator<BlockEvent, void, undefined> {
    for await (const step of blocks.steps(states.at, signal)) {
      if (step.kind === 'block')
        yield { kind: 'block', block: step.block, ...step.attached, seenAt: step.seenAt };
      else yield step;
    }
  }

  const codeOf = (address: Hex, codeHash: Hex): Promise<Hex> => {
    const known = codes.get(codeHash);
    if (known !== undefined) return known;
    const code = fetchCode(address, codeHash);
    codes.set(codeHash, code);
    code.catch(() => codes.delete(codeHash));
    return code;
  };

  const fetchCode = (address: Hex, codeHash: Hex): Promise<Hex> =>
    providers.agreed('eth_getCode', [address, 'latest'], (answer) => {
      if (!isHex(answer) || keccak256(answer) !== codeHash)
        throw fault('CODE_MISMATCH', { address, expected: codeHash });
      return answer;
    });

  /**
   * A proof needs no second witness: headers are agreed on, and one provider that cannot prove must not hide a lie. What
   * was stored of an anchor comes first: full nodes have forgotten its state.
   */
  const proving =
    (rule: Rule): ProvenAt =>
    async (block, slots) => {
      const answers = await deps.anchors.answers(ruleId(rule), block.hash).catch(() => null);
      const stored: Ask = async (_, [account], parse) =>
        parse(answers?.[String(account).toLowerCase() as Hex]);
      return provenSlots(stored, block, slots).catch(() =>
        providers.first((asking) => provenSlots(asking, block, slots)),
      );
    };

  const samples = createSamples({ ask, blocks, codeOf, probe: createProbe(askEach) });

  return {
    events,
    facts: facts.read,
    prove: facts.prove,
    proofOf: (rule: Rule, height: bigint, anchor: Hex | null) =>
      ruleProof(providers.agreed, rule, height, anchor, proving(rule)),
    trueClaims: (covered: CoveredRule, verdict: Verdict) =>
      trueClaims(providers.agreed, deployment.registry, covered, verdict, proving(covered.rule)),
    codeOf,
    period: () => agreedPeriod(providers.agreed, deployment.payroll),
    samples: samples.read,
    views: views.read,
    allViews: views.readAll,
    blockAt: views.blockAt,
    bookingsSince: states.bookingsSince,
    close: providers.close,
  };
}
