import { Command } from 'commander';
import { type Hex, parseEventLogs, size, type TransactionReceipt } from 'viem';
import { breakerHubAbi, proverAbi, registryAbi } from '../../protocol/abi.ts';
import { ruleOf } from '../../protocol/named-rule.ts';
import { CERTIFICATE_AGE } from '../../protocol/quorum.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { refuse } from '../lib/refusal.ts';
import { proveFiring, type Predicate } from './cover-proof.ts';
import { parseWhat, standingNamed } from './cover-show.ts';
import { type Head, headOf, type Standing, type StandingRule } from './cover-standing.ts';
import { etherOf, timeOf } from './cover-words.ts';
import {
  openNetwork,
  openSigner,
  type SendFlags,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print } from './output.ts';
import { transact } from './transact.ts';

type Flags = SendFlags & Readonly<{ height?: string }>;

/** `tocsin cover trip WHAT RULE`: trips a coverage by storage proofs, whatever its watchers do. */
export const coverTripCommand = () =>
  withJson(
    withSigner(
      withNetwork(
        new Command('trip')
          .argument('<what>', 'id of a coverage, or address of its target')
          .argument('<rule>', 'name or id of an armed rule of class A'),
      ),
    ),
  )
    .description(
      'Trip a coverage by storage proofs, without any watcher. Anyone may; the escrow pays for it.',
    )
    .option(
      '--height <block>',
      'one of the last 32 blocks, at which the rule fires (default: newest)',
    )
    .action(async (what: string, name: string, flags: Flags) => {
      const id = parseWhat(what);
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const head = await headOf(network);
      const standing = await standingNamed(network, id, head);
      const { armed, predicate } = ruleNamed(standing, name);
      const height = heightOf(flags.height, head);
      const rule = ruleOf(predicate);
      const proof = await proveFiring(network, head, predicate, { height, anchor: armed.anchor });
      const receipt = await transact(network, account, {
        name: 'trip',
        address: network.deployment.prover,
        abi: [...proverAbi, ...registryAbi, ...breakerHubAbi],
        functionName: 'trip',
        args: [standing.coverageId, evmRule(rule), height, proof],
        onPending: true,
      });
      const result = resultOf(standing, armed, height, receipt);
      print(
        flags.json,
        result,
        columns([
          ['coverage', result.coverageId],
          ['target', result.target],
          ['proven', `${armed.name} fires at block ${height}, by ${size(proof)} bytes`],
          ['stopped', `rung ${result.rung}, until ${timeOf(result.end)}`],
          ['sent', `${result.transaction} in block ${result.block}`],
          ['cost', `${result.gasUsed} gas, ${etherOf(result.cost)}`],
          ['refunded', `${etherOf(result.refund)} of the escrow`],
        ]),
      );
    });

/** Refuses what no proof can trip. */
function ruleNamed(
  { manifest, rules, retired, coverageId }: Standing,
  name: string,
): Readonly<{ armed: StandingRule; predicate: Predicate }> {
  const index = rules.findIndex((rule) => rule.name === name || rule.ruleId === name.toLowerCase());
  const no = (problem: string, fix: string) =>
    refuse('ARGUMENT_INVALID', { field: `rule ${name}`, problem, fix });
  const [armed, named] = [rules[index], manifest?.rules[index]];
  if (retired) throw no(`coverage ${coverageId} is retired`, 'cover the target anew');
  if (armed === undefined)
    throw no('is none of this coverage', `name ${rules.map((rule) => rule.name).join(', ')}`);
  if (armed.class !== 'A')
    throw no(`is of class ${armed.class}, and only class A can be proven`, 'name one of class A');
  if (armed.phase !== 'armed')
    throw no('is in shadow, and trips nothing', 'let the owner arm it with tocsin cover apply');
  if (named?.kind !== 'predicate')
    throw no('is not in a manifest that can be read', 'let the owner amend the coverage');
  return { armed, predicate: named };
}

/** What is mined next may be about one of the last 32 blocks. */
function heightOf(text: string | undefined, { number: newest }: Head): bigint {
  if (text === undefined) return newest;
  const no = (problem: string) =>
    refuse('ARGUMENT_INVALID', {
      field: '--height',
      problem: `${text} ${problem}`,
      fix: `write a block from ${oldest} to ${newest}`,
    });
  const oldest = newest < CERTIFICATE_AGE ? 0n : newest + 1n - CERTIFICATE_AGE;
  if (!/^\d{1,20}$/.test(text)) throw no('is not a block');
  const height = BigInt(text);
  if (height > newest) throw no(`is above the newest block, ${newest}`);
  if (height < oldest) throw no('is too old to be proven');
  return height;
}

function resultOf(
  { coverageId, target }: Standing,
  { ruleId }: StandingRule,
  height: bigint,
  { logs, transactionHash, blockNumber, gasUsed, effectiveGasPrice }: TransactionReceipt,
) {
  const [incident] = parseEventLogs({ abi: registryAbi, eventName: 'Incident', logs });
  const { digest, rung, end, refund } = incident!.args;
  return {
    coverageId,
    target,
    ruleId,
    height,
    digest,
    rung,
    end,
    transaction: transactionHash as Hex,
    block: blockNumber,
    gasUsed,
    cost: gasUsed * effectiveGasPrice,
    refund,
  };
}
