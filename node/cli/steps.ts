import type { Command } from 'commander';
import { encodeFunctionData, type Hex, type LocalAccount } from 'viem';
import { answerOf, type Cost, costsOf } from './cover-cost.ts';
import { etherOf } from './cover-words.ts';
import { type Network, openSigner, type SendFlags } from './options.ts';
import { type Request, transact } from './transact.ts';

/** Flags of a command that can say what it would do. */
export type PlanFlags = SendFlags & Readonly<{ plan?: boolean }>;

/** A transaction: its hash is null until it is sent. */
export type Step = Cost & Readonly<{ transaction: Hex | null }>;

/** Adds `--plan`. */
export const withPlan = (command: Command): Command =>
  command.option('--plan', 'say what would change and cost, and send nothing; needs no keystore');

/** Who sends; with `--plan` only `stand`, as whom it is tried. */
export const senderOf = (
  { plan, ...flags }: PlanFlags,
  { config }: Network,
  stand: Hex,
): Promise<LocalAccount | Hex> =>
  plan === true ? Promise.resolve(stand) : openSigner(flags, config);

/** The address of a sender. */
export const addressOf = (sender: LocalAccount | Hex): Hex =>
  typeof sender === 'string' ? sender : sender.address;

/** Sends transactions one after the other, or finds out what they would cost. */
export async function stepsOf(
  network: Network,
  sender: LocalAccount | Hex,
  requests: readonly Request[],
): Promise<readonly Step[]> {
  const [first] = requests;
  if (first === undefined) return [];
  if (typeof sender === 'string') {
    await answerOf(network, sender, first);
    const costs = await costsOf(network, sender, requests);
    return costs.map((cost) => ({ ...cost, transaction: null }));
  }
  const steps: Step[] = [];
  for (const request of requests) {
    const receipt = await transact(network, sender, request);
    const { transactionHash: transaction, gasUsed: gas, effectiveGasPrice } = receipt;
    const { name, address: to, value = 0n } = request;
    const data = encodeFunctionData(request);
    steps.push({ name, to, data, gas, fee: gas * effectiveGasPrice, value, transaction });
  }
  return steps;
}

/** A line for each. */
export const stepRows = (steps: readonly Step[]): readonly (readonly [string, string])[] =>
  steps.length === 0
    ? [['send', 'nothing']]
    : steps.map(({ name, transaction, gas, fee }) => [
        `${transaction === null ? 'send' : 'sent'} ${name}`,
        gas === null || fee === null
          ? 'gas is known once those before it are mined'
          : `${gas} gas, ${etherOf(fee)}`,
      ]);
