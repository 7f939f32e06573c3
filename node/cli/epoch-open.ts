import { Command } from 'commander';
import { committeeAbi } from '../../protocol/abi.ts';
import { openNetwork, openSigner, withJson, withNetwork, withSigner } from './options.ts';
import { columns, print } from './output.ts';
import { transact } from './transact.ts';

type Flags = Readonly<{
  config?: string;
  deployment?: string;
  rpc?: string;
  keystore?: string;
  passwordFile?: string;
  json?: boolean;
}>;

/** `tocsin epoch open`: computes the roster of the current epoch; says so when it is open already. */
export const epochOpenCommand = () =>
  withJson(withSigner(withNetwork(new Command('open'))))
    .description(
      'Open the current epoch: the chain computes its roster from stakes and pages. Anyone may.',
    )
    .action(async (flags: Flags) => {
      const network = await openNetwork(flags);
      const account = await openSigner(flags, network.config);
      const committee = { address: network.deployment.committee, abi: committeeAbi } as const;
      const { timestamp } = await network.client
        .getBlock({ blockTag: 'pending' })
        .catch(() => network.client.getBlock());
      const [now, latest] = await Promise.all([
        network.client.readContract({ ...committee, functionName: 'epochAt', args: [timestamp] }),
        network.client.readContract({ ...committee, functionName: 'latestEpoch' }),
      ]);
      const opened = now > latest;
      if (opened)
        await transact(network, account, {
          ...committee,
          name: 'epoch',
          functionName: 'openEpoch',
        });
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
        { epoch, opened, seats, maxRung, validUntil },
        columns([
          ['epoch', `${epoch} (${opened ? 'opened now' : 'was open already'})`],
          ['seats', String(seats)],
          ['highest rung', String(maxRung)],
          ['valid until', new Date(Number(validUntil) * 1000).toISOString()],
        ]),
      );
    });
