import { parentPort, workerData } from 'node:worker_threads';
import { readConfig } from '../../node/lib/config.ts';
import { startNode } from '../../node/node.ts';
import type { WorkerTask, WorkerWord } from './workers.ts';

const { nodes } = workerData as WorkerTask;
const say = (word: WorkerWord) => parentPort!.postMessage(word);

parentPort!.on('message', () => {
  const { user, system } = process.threadCpuUsage();
  say({ kind: 'used', cpuMs: (user + system) / 1_000 });
});
// Ends with its thread: what these nodes leave on disk is thrown away.
const never = new AbortController();
for (const { config, peers } of nodes)
  await startNode(await readConfig(config, {}, { peers }), never.signal);
say({ kind: 'started' });
