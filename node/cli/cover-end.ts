import { Command } from 'commander';
import { registryAbi } from '../../protocol/abi.ts';
import { parseWhat, standingNamed } from './cover-show.ts';
import { headOf, standingOf, tripsOf } from './cover-standing.ts';
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
    .option('--retire', 'end the coverage itself too, for good, and take its escrow back')
    .action(async (what: string, flags: Flags) => {
      const id = parseWhat(what);
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const head = await headOf(network);
      const former = await standingNamed(network, id, head);
      const { coverageId, target } = former;
      const before = former.retired ? [] : await tripsOf(network, target, head);
      const send = (functionName: 'end' | 'retire' | 'defund', ...args: readonly bigint[]) =>
        transact(network, account, {
          name: functionName,
          address: network.deployment.registry,
          abi: registryAbi,
          functionName,
          args: [coverageId, ...args],
        });
      const retired = flags.retire === true;
      // Retired before, as by covering anew, it still holds its escrow.
      const isOver = retired && former.retired && former.escrow > 0n;
      const { blockNumber } = isOver
        ? { blockNumber: head.number }
        : await send(retired ? 'retire' : 'end');
      const ended = before.map(({ rung }) => rung);
      const now = await headOf(network);
      const left = await tripsOf(network, target, now);
      // Asked again: a trip that was on its way has been paid for.
      const returned = retired ? ((await standingOf(network, coverageId, now))?.escrow ?? 0n) : 0n;
      if (returned > 0n) await send('defund', returned);
      print(
        flags.json,
        { coverageId, target, block: blockNumber, ended, retired, returned, inForce: left },
        columns([
          ['coverage', coverageId],
          ['target', target],
          ['ended', ended.length === 0 ? 'nothing was tripped' : `rung ${ended.join(', ')}`],
          ['since', `block ${blockNumber}; what was seen before it can trip no more`],
          ...(retired
            ? [
                [
                  'retired',
                  `for good; ${etherOf(returned)} of escrow went back to its owner`,
                ] as const,
              ]
            : []),
        ]),
      );
    });
