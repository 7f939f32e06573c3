import type { Hex } from 'viem';
import { breakerAbi, registryAbi } from '../../protocol/abi.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { refuse } from '../lib/refusal.ts';
import { type Change, changeOf, type PlannedRule } from './cover-change.ts';
import { refuseRule } from './cover-code.ts';
import { answerOf, type Cost, costsOf } from './cover-cost.ts';
import { type Escrow, escrowOf } from './cover-escrow.ts';
import { armRequest, changeRequest, fundRequest } from './cover-requests.ts';
import {
  coverageIdOf,
  type Head,
  headOf,
  NO_COVERAGE,
  type Standing,
  standingOf,
} from './cover-standing.ts';
import { type Trial, tryRule } from './cover-trial.ts';
import type { Network } from './options.ts';
import type { Request } from './transact.ts';

/** What is asked for beside the manifest: the escrow in wei that there should be, and whether rules are to be armed. */
export type Wish = Readonly<{ fund: bigint; arm: boolean }>;

/** Everything that `apply` would do, found out without sending anything. */
export type Plan = Readonly<{
  head: Head;
  account: Hex;
  target: Hex;
  /** Seconds between naming a rule and arming it. */
  delay: bigint;
  found: Standing | null;
  change: Change;
  coverageId: Hex;
  rules: readonly TriedRule[];
  escrow: Escrow;
  costs: readonly Cost[];
}>;

/** A rule that was run. */
export type TriedRule = PlannedRule &
  Readonly<{
    trial: Trial;
    /** When it may be armed, in unix seconds: of a new rule, when it is covered at the newest block's time. */
    armableAt: bigint;
    isArmed: boolean;
    /** Whether this plan arms it. */
    arms: boolean;
  }>;

/** Reads the chain, runs each rule and estimates each transaction as `sender`, else as the target's guardian. */
export async function prepare(
  network: Network,
  manifest: Manifest,
  wish: Wish,
  sender?: Hex,
): Promise<Plan> {
  const { registry } = network.deployment;
  const head = await headOf(network);
  const guardian = await guardianOf(network, manifest.target, head);
  const account = sender ?? guardian;
  const known = await coverageIdOf(network, manifest.target, head);
  const former = known === NO_COVERAGE ? null : await standingOf(network, known, head);
  const change = changeOf(manifest, former, guardian);
  const found = change.kind === 'cover' ? null : former;
  const delay = await delayOf(network, head);
  const rules = await tried(network, head, change, delay, wish);
  const first = changeRequest(registry, manifest, change, found, wish.fund);
  const answer = first === null ? null : await answerOf(network, account, first);
  const coverageId = found?.coverageId ?? (answer as Hex);
  const requests = [
    first,
    fundRequest(registry, change, found, wish.fund),
    ...rules.filter(({ arms }) => arms).map((rule) => armRequest(registry, coverageId, rule, head)),
  ].filter((request): request is Request => request !== null);
  return {
    head,
    account,
    target: manifest.target,
    delay,
    found,
    change,
    coverageId,
    rules,
    escrow: escrowOf(head, found?.escrow ?? 0n, wish.fund),
    costs: await costsOf(network, account, requests),
  };
}

/** Each rule as it was run, one after the other: the first that cannot be judged is the one named. */
async function tried(
  network: Network,
  head: Head,
  { rules }: Change,
  delay: bigint,
  wish: Wish,
): Promise<readonly TriedRule[]> {
  const found: TriedRule[] = [];
  for (const rule of rules) {
    const alike = found.find(({ ruleId }) => ruleId === rule.ruleId);
    if (alike !== undefined)
      throw refuseRule(
        rule.named.name,
        'name',
        `is all that tells it from rule ${alike.named.name}`,
        'remove one of them',
      );
    const trial = await tryRule(network, head, rule);
    const armableAt = rule.state?.armableAt ?? head.timestamp + delay;
    const isArmed = rule.state?.phase === 'armed';
    found.push({ ...rule, trial, armableAt, isArmed, arms: wish.arm && isArmable() });
    function isArmable(): boolean {
      // A rule that fires would trip the moment it is armed.
      return !isArmed && armableAt <= head.timestamp && trial.fires !== true;
    }
  }
  return found;
}

const delayOf = ({ client, deployment }: Network, { number }: Head): Promise<bigint> =>
  client.readContract({
    address: deployment.registry,
    abi: registryAbi,
    functionName: 'RULE_DELAY',
    blockNumber: number,
  });

async function guardianOf({ client }: Network, target: Hex, { number }: Head): Promise<Hex> {
  const at = { address: target, blockNumber: number } as const;
  if ((await client.getCode(at)) === undefined)
    throw refuse('MANIFEST_INVALID', {
      field: 'target',
      problem: `${target} has no code on this chain`,
      fix: 'name the contract that is to be stopped, or the adapter that stands for it',
    });
  return await client
    .readContract({ ...at, abi: breakerAbi, functionName: 'guardian' })
    .catch((error: unknown) => {
      throw refuse(
        'MANIFEST_INVALID',
        {
          field: 'target',
          problem: `${target} names no guardian`,
          fix: 'name a contract that is Guarded, or an adapter',
        },
        error,
      );
    });
}
