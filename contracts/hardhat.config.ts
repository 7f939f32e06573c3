import { createRequire } from 'node:module';
import hardhatMocha from '@nomicfoundation/hardhat-mocha';
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers';
import hardhatViem from '@nomicfoundation/hardhat-viem';
import hardhatViemAssertions from '@nomicfoundation/hardhat-viem-assertions';
import { defineConfig } from 'hardhat/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  plugins: [hardhatViem, hardhatViemAssertions, hardhatNetworkHelpers, hardhatMocha],
  paths: {
    sources: ['contracts/src', 'contracts/devnet', 'contracts/harness'],
    tests: { solidity: 'test/contracts/fuzz', mocha: 'test/contracts' },
    artifacts: 'contracts/artifacts',
    cache: 'contracts/cache',
  },
  solidity: {
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
  test: {
    solidity: {
      fsPermissions: { readDirectory: ['contracts/artifacts'] },
      fuzz: { runs: 64 },
      invariant: { runs: 32, depth: 50, failOnRevert: true },
    },
  },
  networks: {
    default: { type: 'edr-simulated', hardfork: 'osaka', allowUnlimitedContractSize: false },
  },
});
