import { Command } from 'commander';
import { registryAbi } from '../../protocol/abi.ts';
import { parseWhat, standingNamed } from './cover-show.ts';
import { headOf, tripsOf } from './cover-standing.ts';
import { etherOf } from './cover-words.ts';
import {
  type NetworkFlags,
  openNetwork,
  openSigner,
  type SignerFlags,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print } from './output.ts';
import { transact } from './transact.ts';

type Flags = NetworkFlags & SignerFlags & Readonly<{ retire?: boolean; json?: boolean }>;

/** `tocsin cover end COVERAGE`: ends its trips now, or the coverage itself. */
export const coverEndCommand = () =>
  withJson(
    withSigner(
      withNetwork(
        new Command('end').argument('<what>', 'id of a coverage, or address of its target'),
      ),
    ),
  )
    .description('End every trip of a coverage now; only its owner. Rules stay armed.')
    .option('--retire', 'end the coverage itself too, for good')
    .action(async (what: string, flags: Flags) => {
      const id = parseWhat(what);
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const head = await headOf(network);
      const { coverageId, target, escrow } = await standingNamed(network, id, head);
      const before = await tripsOf(network, target, head);
      const functionName = flags.retire === true ? 'retire' : 'end';
      const { blockNumber } = await transact(network, account, {
        name: functionName,
        address: network.deployment.registry,
        abi: registryAbi,
        functionName,
        args: [coverageId],
      });
      const retired = flags.retire === true;
      const ended = before.map(({ rung }) => rung);
      const left = await tripsOf(network, target, await headOf(network));
      print(
        flags.json,
        { coverageId, target, block: blockNumber, ended, retired, inForce: left },
        columns([
          ['coverage', coverageId],
          ['target', target],
          ['ended', ended.length === 0 ? 'nothing was tripped' : `rung ${ended.join(', ')}`],
          ['since', `block ${blockNumber}; what was seen before it can trip no more`],
          ...(retired
            ? [['retired', `for good; its escrow of ${etherOf(escrow)} is its owner's`] as const]
            : []),
        ]),
      );
    });
