import { Command } from 'commander';
import { checkContracts, openChain } from '../lib/chain.ts';
import { configHelp, readConfig } from '../lib/config.ts';
import { refuse } from '../lib/refusal.ts';
import { createLog } from '../lib/log.ts';
import { contractsOf, readDeployment } from '../lib/deployment.ts';

type Flags = Readonly<{ config: string; logLevel?: string; logFormat?: string }>;

/** `tocsin run`: a watcher, until it is told to stop. */
export const runCommand = (signal: AbortSignal) =>
  new Command('run')
    .description('Run a watcher: observe, attest, gossip, aggregate, submit.')
    .requiredOption('-c, --config <file>', 'node.yaml; paths in it are relative to its folder')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .option('--log-format <format>', 'json or text')
    .addHelpText(
      'after',
      `\nKeys of node.yaml (TOCSIN_DATA_DIR and so on go before the file, flags before both):\n${configHelp()}`,
    )
    .action(async ({ config: file, ...flags }: Flags) => {
      const config = await readConfig(file, process.env, flags);
      // The chain is looked at here; the node unlocks its keys before it opens its store or its port.
      const deployment = await readDeployment(config.deployment, 'deployment');
      const { client, unreachable } = await openChain(config.rpc, deployment.chainId);
      await checkContracts(client, contractsOf(deployment), {
        file: config.deployment,
        rpc: 'rpc',
      });
      const log = createLog({ level: config.logLevel, format: config.logFormat });
      for (const url of unreachable) log.warn('provider does not answer', { url });
      if (signal.aborted) return;
      // Loaded late: only this command needs libp2p and the store.
      const { startNode } = await import('../node.ts');
      const { stopped } = await startNode(config, signal).catch((error: unknown) => {
        throw isDeaf(error) ? cannotListen(config.listen, error) : error;
      });
      await stopped;
    });

/** libp2p has a name for it and no code. */
const isDeaf = (error: unknown) =>
  error instanceof Error && error.name === 'UnsupportedListenAddressesError';

const cannotListen = (listen: string, cause: unknown) =>
  refuse(
    'CONFIG_INVALID',
    {
      field: 'listen',
      problem: `cannot listen on ${listen}`,
      fix: 'choose a free port of this machine',
    },
    cause,
  );
