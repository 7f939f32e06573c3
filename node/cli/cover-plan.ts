import { Command } from 'commander';
import { type Plan, prepare } from './cover-prepare.ts';
import { planRows } from './cover-words.ts';
import { readManifest } from './manifest-file.ts';
import {
  type CoverFlags,
  openNetwork,
  withJson,
  withNetwork,
  withWish,
  wishOf,
} from './options.ts';
import { columns, print } from './output.ts';

/** `tocsin cover plan FILE`: what apply would do and cost, and what each rule says now. Sends nothing. */
export const coverPlanCommand = () =>
  withJson(withWish(withNetwork(new Command('plan').argument('<file>', 'manifest, YAML or JSON'))))
    .description('Say what apply would change and cost, and run each rule. Nothing is sent.')
    .action(async (file: string, flags: CoverFlags) => {
      const manifest = await readManifest(file);
      const wish = wishOf(flags);
      const plan = await prepare(await openNetwork(flags), manifest, wish);
      print(flags.json, jsonOf(plan), columns(planRows(plan)));
    });

const jsonOf = ({
  head,
  account,
  target,
  delay,
  change,
  coverageId,
  rules,
  escrow,
  costs,
}: Plan) => ({
  block: head.number,
  coverageId,
  target,
  change: change.kind,
  replaces: change.replaces,
  account,
  delay,
  rules: rules.map(({ named, ruleId, state, isArmed, arms, armableAt, trial }) => ({
    name: named.name,
    kind: named.kind,
    rung: named.rung,
    life: named.life,
    ruleId,
    change: state === null ? 'added' : 'kept',
    isArmed,
    arms,
    armableAt,
    ...trial,
  })),
  dropped: change.dropped.map(({ name, ruleId, phase }) => ({ name, ruleId, phase })),
  escrow,
  transactions: costs,
});
