import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';
import type { HardhatPlugin } from 'hardhat/types/plugins';
import contracts from '../../contracts/hardhat.config.ts';
import { MARKS, measuredFiles, type Part } from './instrument.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'coverage');
const hits = new Set<string>();

/** Compiles contracts that tell what of them runs, and keeps what they tell. */
const marks: HardhatPlugin = {
  id: 'tocsin:coverage',
  hookHandlers: {
    solidity: async () => ({
      default: async () => {
        const files = new Map(
          measuredFiles(root, process.env.COVERAGE_OF as Part).map((file) => [file.path, file]),
        );
        return {
          preprocessProjectFileBeforeBuilding: (context, name, path, content, version, next) =>
            next(
              context,
              name,
              path,
              files.get(relative(root, path))?.instrumented ?? content,
              version,
            ),
          preprocessSolcInputBeforeBuilding: async (context, input, next) => {
            const content = readFileSync(new URL('Marks.sol', import.meta.url), 'utf8');
            const sources = { ...input.sources, [MARKS]: { content } };
            return next(context, { ...input, sources });
          },
        };
      },
    }),
    network: async () => ({
      default: async () => ({
        onCoverageData: async (_, told) => {
          for (const mark of told) hits.add(mark);
        },
      }),
    }),
  },
};

process.on('exit', () => {
  if (hits.size !== 0)
    writeFileSync(join(folder, 'data', `${process.pid}.json`), JSON.stringify([...hits]));
});

export default defineConfig({
  ...contracts,
  plugins: [...(contracts.plugins ?? []), marks],
  paths: {
    ...contracts.paths,
    artifacts: join(folder, 'artifacts'),
    cache: join(folder, 'cache'),
  },
  // Hardhat's own marks are of statements alone.
  coverage: { skipFiles: ['**'] },
  networks: {
    default: {
      type: 'edr-simulated',
      hardfork: 'osaka',
      allowUnlimitedContractSize: true,
      blockGasLimit: false,
      transactionGasCap: false,
    },
  },
});
