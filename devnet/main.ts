import { once } from 'node:events';
import { freePort } from './chain.ts';
import { createDevnet, type RunningDevnet } from './devnet.ts';
import { type Options, parseOptions } from './options.ts';
import { run } from './program.ts';
import { outcomeJson, summary } from './report.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { createView, type View } from './view.ts';

await run('devnet', async (signal) => {
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
    met = (await play(scenario, options, stay, signal)) && met;
    if (signal.aborted) return 130;
  }
  return met ? 0 : 1;
});

/** One scenario on a network of its own. */
async function play(
  scenario: Scenario,
  options: Options,
  stay: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const view = createView(scenario.name);
  const facts: string[] = [];
  const network = await createDevnet({
    watchers: options.watchers,
    blockTime: options.blockTime ?? scenario.blockTime,
    killed: options.killed,
    vault: scenario.vault,
    actors: scenario.actors?.(options.watchers) ?? [],
    port: await freePort(options.port),
    signal,
    onLine: view.line,
    onStep: view.step,
  });
  try {
    view.step(`${scenario.name}: ${scenario.help}`);
    view.watch(network);
    const outcome = await network.during(scenario.run(network, (fact) => facts.push(fact)));
    await view.rest();
    process.stdout.write(
      options.json
        ? `${outcomeJson(scenario.name, options.watchers, outcome)}\n`
        : `\n${summary(scenario.name, options.watchers, outcome, facts)}\n`,
    );
    if (stay) await linger(network, view, signal);
    return outcome.expectationMet;
  } finally {
    await view.rest();
    await network.close();
  }
}

/** Goes on with honest traffic until somebody has seen enough. */
async function linger(network: RunningDevnet, view: View, signal: AbortSignal): Promise<void> {
  process.stderr.write(
    `\nThe network stays up: chain ${network.chain.url}, ${network.watchers.alive().length} nodes. Ctrl-C ends it.\n`,
  );
  network.traffic.start();
  view.watch(network);
  if (!signal.aborted) await network.during(once(signal, 'abort'));
}
