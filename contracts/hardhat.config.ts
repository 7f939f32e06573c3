import { createRequire } from 'node:module';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers';
import hardhatViem from '@nomicfoundation/hardhat-viem';
import hardhatViemAssertions from '@nomicfoundation/hardhat-viem-assertions';
import { defineConfig } from 'hardhat/config';

const require = createRequire(import.meta.url);
const fuzzRuns = Number(process.env.FUZZ_RUNS ?? 64);

export default defineConfig({
  plugins: [hardhatViem, hardhatViemAssertions, hardhatNetworkHelpers, hardhatMocha],
  paths: {
    sources: ['contracts/src', 'contracts/devnet', 'contracts/harness'],
    tests: { solidity: 'test/contracts/fuzz', mocha: 'test/contracts' },
    artifacts: 'contracts/artifacts',
    cache: 'contracts/cache',
  },
  solidity: {
    // Fuzz tests are compiled where they are run, and not with each build.
    splitTestsCompilation: true,
    compilers: [
      {
        version: '0.8.37',
        path: require.resolve('solc/soljson.js'),
        settings: {
          viaIR: true,
          optimizer: { enabled: true, runs: 1_000_000 },
          evmVersion: 'osaka',
          metadata: { bytecodeHash: 'none', appendCBOR: false },
        },
      },
    ],
  },
  // `npm run fuzz` sets both: the same seed and runs do the same again.
  test: {
    solidity: {
      fuzz: { runs: fuzzRuns, seed: process.env.FUZZ_SEED ?? '0x01' },
      // An act of these that reverts is one that asserts.
      invariant: { runs: Math.ceil(fuzzRuns / 4), depth: 50, failOnRevert: true },
    },
  },
  networks: {
    default: { type: 'edr-simulated', hardfork: 'osaka', allowUnlimitedContractSize: false },
  },
});
