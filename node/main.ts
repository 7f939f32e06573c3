#!/usr/bin/env node
import { runProgram } from './cli/program.ts';

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    // A second signal means now.
    if (controller.signal.aborted) process.exit(1);
    controller.abort(name);
  });

process.exitCode = await runProgram(process.argv.slice(2), controller.signal);
