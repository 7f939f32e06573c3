import { once } from 'node:events';
import { Fault } from '../protocol/fault.ts';
import { freePort } from './chain.ts';
import { createDevnet, type RunningDevnet } from './devnet.ts';
import { type Options, parseOptions } from './options.ts';
import { outcomeJson, summary } from './report.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { createView, type View } from './view.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(name, () => {
    // A second signal means now; the processes are killed on the way out.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });

process.exitCode = await main().catch((error: unknown) => {
  if (stop.signal.aborted) return 130;
  process.stderr.write(`devnet: ${lineOf(error)}\n`);
  return error instanceof Fault && error.code === 'REFUSED' ? 2 : 1;
});

async function main(): Promise<number> {
  const asked = parseOptions(process.argv.slice(2));
  if (asked.kind === 'print') {
    process.stdout.write(asked.text);
    return 0;
  }
  const { options } = asked;
  // A port in use is told before anything starts.
  if (options.port !== 0) await freePort(options.port);
  let met = true;
  for (const [index, scenario] of options.scenarios.entries()) {
    const stay = !options.once && index === options.scenarios.length - 1;
    met = (await play(scenario, options, stay)) && met;
    if (stop.signal.aborted) return 130;
  }
  return met ? 0 : 1;
}

/** One scenario on a network of its own. */
async function play(scenario: Scenario, options: Options, stay: boolean): Promise<boolean> {
  const view = createView(scenario.name);
  const facts: string[] = [];
  const network = await createDevnet({
    watchers: options.watchers,
    blockTime: options.blockTime ?? scenario.blockTime,
    killed: options.killed,
    port: await freePort(options.port),
    signal: stop.signal,
    onLine: view.line,
    onStep: view.step,
  });
  try {
    view.watch(network);
    view.step(`${scenario.name}: ${scenario.help}`);
    const outcome = await network.during(scenario.run(network, (fact) => facts.push(fact)));
    await view.rest();
    process.stdout.write(
      options.json
        ? `${outcomeJson(scenario.name, options.watchers, outcome)}\n`
        : `\n${summary(scenario.name, options.watchers, outcome, facts)}\n`,
    );
    if (stay) await linger(network, view);
    return outcome.expectationMet;
  } finally {
    await view.rest();
    await network.close();
  }
}

/** Goes on with honest traffic until somebody has seen enough. */
async function linger(network: RunningDevnet, view: View): Promise<void> {
  process.stderr.write(
    `\nThe network stays up: chain ${network.chain.url}, ${network.watchers.alive().length} nodes. Ctrl-C ends it.\n`,
  );
  network.traffic.start();
  view.watch(network);
  if (!stop.signal.aborted) await network.during(once(stop.signal, 'abort'));
}

function lineOf(error: unknown): string {
  if (!(error instanceof Fault))
    return error instanceof Error
      ? `UNEXPECTED ${error.stack ?? error.message}`.split('\n').slice(0, 2).join(' ')
      : String(error);
  const fields = error.data as Record<string, unknown>;
  if (error.code === 'REFUSED') return String(fields.line);
  return `${error.code} ${Object.values(fields).join(': ')}`;
}
