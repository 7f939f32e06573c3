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
  const output = JSON.parse(solc.compile(readFileSync(0, 'utf8'), { import: read }));
  // Whoever asks for no code is not spared looking for some.
  const code = { object: '', sourceMap: '', linkReferences: {} };
  for (const file of Object.values(output.contracts ?? {}))
    for (const contract of Object.values(file))
      contract.evm ??= { bytecode: code, deployedBytecode: code };
  process.stdout.write(JSON.stringify(output));
} else {
  process.stderr.write('solc: only --version and --standard-json are known here\n');
  process.exitCode = 2;
}
