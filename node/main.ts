#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Stripping types at each start costs a second and 25 MB; the cache is Node's own, in the system's temporary folder.
enableCompileCache();
const { runProgram } = await import('./cli/program.ts');

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    // A second signal means now.
    if (controller.signal.aborted) process.exit(1);
    controller.abort(name);
  });

const code = await runProgram(process.argv.slice(2), controller.signal);
// A node that failed half-way may have left sockets open; one that stopped has closed them itself.
if (code !== 0) process.exit(code);
