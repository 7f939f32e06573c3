import { Command } from 'commander';
import type { Hex, LocalAccount } from 'viem';
import type { Manifest } from '../../protocol/manifest.ts';
import { type Plan, prepare, type TriedRule, type Wish } from './cover-prepare.ts';
import { armRequest, changeRequest, fundRequest } from './cover-requests.ts';
import { coverageIdOf, headOf, standingOf } from './cover-standing.ts';
import { phaseOf } from './cover-words.ts';
import { readManifest } from './manifest-file.ts';
import {
  type CoverFlags,
  type Network,
  openNetwork,
  openSigner,
  type SignerFlags,
  withJson,
  withNetwork,
  withSigner,
  withWish,
  wishOf,
} from './options.ts';
import { columns, print, say } from './output.ts';
import { transact } from './transact.ts';

/** `tocsin cover apply FILE`: makes the chain cover a target as a manifest says. Applied twice it changes nothing. */
export const coverApplyCommand = () =>
  withJson(
    withWish(
      withSigner(withNetwork(new Command('apply').argument('<file>', 'manifest, YAML or JSON'))),
    ),
  )
    .description(
      'Do what plan says; the account of --keystore must be the guardian of the target. Rules start in shadow.',
    )
    .action(async (file: string, flags: CoverFlags & SignerFlags) => {
      const manifest = await readManifest(file);
      const wish = wishOf(flags);
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const plan = await prepare(network, manifest, wish, account.address);
      const done = { cover: 'covered', amend: 'amended', none: 'was covered already' } as const;
      const coverageId = await change(network, account, manifest, plan, wish);
      say(flags.json, `${done[plan.change.kind]}: ${coverageId}`);
      const { timestamp, rules } = await arm(network, account, plan, coverageId, wish);
      print(
        flags.json,
        {
          coverageId,
          target: manifest.target,
          change: plan.change.kind,
          ruleIds: rules.map(({ ruleId }) => ruleId),
          armed: rules.filter(({ arms }) => arms).map(({ ruleId }) => ruleId),
          waiting: rules
            .filter(({ isArmed, arms }) => !isArmed && !arms)
            .map(({ ruleId, armableAt }) => ({ ruleId, armableAt })),
        },
        columns([
          ['coverage', coverageId],
          ['target', manifest.target],
          ...rules.map(
            (rule) =>
              [`rule ${rule.named.name}`, `${rule.ruleId} ${phaseOf(rule, timestamp)}`] as const,
          ),
          ...(rules.every(({ isArmed, arms }) => isArmed || arms)
            ? []
            : [['next', `tocsin cover apply ${file} --arm, once they are armable`] as const]),
        ]),
      );
    });

/** Sends what covers, amends and funds; the id of the coverage that stands then. */
async function change(
  network: Network,
  account: LocalAccount,
  manifest: Manifest,
  { change: planned, found }: Plan,
  { fund }: Wish,
): Promise<Hex> {
  const { registry } = network.deployment;
  for (const request of [
    changeRequest(registry, manifest, planned, found, fund),
    fundRequest(registry, planned, found, fund),
  ])
    if (request !== null) await transact(network, account, request);
  return found?.coverageId ?? (await coverageIdOf(network, manifest.target, await headOf(network)));
}

/** Arms what may be armed by now: the chain's word, not the plan's, since blocks have passed. */
async function arm(
  network: Network,
  account: LocalAccount,
  plan: Plan,
  coverageId: Hex,
  wish: Wish,
): Promise<Readonly<{ timestamp: bigint; rules: readonly TriedRule[] }>> {
  const head = await headOf(network);
  const standing = await standingOf(network, coverageId, head);
  const rules = plan.rules.map((rule): TriedRule => {
    const state = standing?.rules.find(({ ruleId }) => ruleId === rule.ruleId) ?? null;
    const armableAt = state?.armableAt ?? rule.armableAt;
    const isArmed = state?.phase === 'armed';
    const arms = wish.arm && !isArmed && armableAt <= head.timestamp && rule.trial.fires !== true;
    return { ...rule, state, armableAt, isArmed, arms };
  });
  for (const rule of rules.filter(({ arms }) => arms)) {
    const request = armRequest(
      network.deployment.registry,
      coverageId,
      rule,
      await headOf(network),
    );
    await transact(network, account, request);
  }
  return { timestamp: head.timestamp, rules };
}
