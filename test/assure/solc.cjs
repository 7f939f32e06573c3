#!/usr/bin/env node
// The compiler of the project as the command line program `solc` that other tools start.
const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const solc = require('solc');

const version = solc.version().replace('.Emscripten.clang', '');
if (process.argv.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (process.argv.includes('--standard-json')) {
  const read = (path) => {
    for (const at of [path, `node_modules/${path}`]) {
      try {
        return { contents: readFileSync(resolve(at), 'utf8') };
      } catch {
        continue;
      }
    }
    return { error: `${path} is not there` };
  };
  process.stdout.write(solc.compile(readFileSync(0, 'utf8'), { import: read }));
} else {
  process.stderr.write('solc: only --version and --standard-json are known here\n');
  process.exitCode = 2;
}
