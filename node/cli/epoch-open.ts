import { Command } from 'commander';
import { committeeAbi } from '../../protocol/abi.ts';
import { openEpoch } from './openings.ts';
import {
  openNetwork,
  openSigner,
  type SendFlags,
  withJson,
  withNetwork,
  withSigner,
} from './options.ts';
import { columns, print, say } from './output.ts';

/** `tocsin epoch open`: computes the roster of the current epoch; says so when it is open already. */
export const epochOpenCommand = () =>
  withJson(withSigner(withNetwork(new Command('open'))))
    .description(
      'Open the current epoch: the chain computes its roster from stakes and pages, 128 watchers a transaction. Anyone may.',
    )
    .action(async (flags: SendFlags) => {
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const committee = { address: network.deployment.committee, abi: committeeAbi } as const;
      const steps = await openEpoch(network, account, (line) => say(flags.json, line));
      const epoch = await network.client.readContract({
        ...committee,
        functionName: 'latestEpoch',
      });
      const { seats, maxRung, validUntil } = await network.client.readContract({
        ...committee,
        functionName: 'roster',
        args: [epoch],
      });
      print(
        flags.json,
        { epoch, opened: steps > 0, steps, seats, maxRung, validUntil },
        columns([
          ['epoch', `${epoch} (${steps > 0 ? 'opened now' : 'was open already'})`],
          ['seats', String(seats)],
          ['highest rung', String(maxRung)],
          ['valid until', new Date(Number(validUntil) * 1000).toISOString()],
        ]),
      );
    });
