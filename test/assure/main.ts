import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, runCommand } from '../../devnet/program.ts';
import { refuse } from '../../devnet/refusal.ts';
import { Fault } from '../../protocol/fault.ts';
import { aderyn } from './aderyn.ts';
import { type Answer, answers, isOf } from './answers.ts';
import { halmos } from './halmos.ts';
import { slither } from './slither.ts';
import type { Finding, Ground, Outcome, Tool } from './tool.ts';

const tools = [slither, halmos, aderyn];

const program = command('assure', 'What other tools find in the contracts, each finding answered.')
  .argument('[tools...]', `of ${tools.map(({ name }) => name).join(', ')}; all when none is given`)
  .option('--json', 'one JSON object on stdout');

await runCommand<Readonly<{ json?: true }>>(program, async (flags, signal) => {
  const names = program.args;
  const stray = names.find((name) => !tools.some((tool) => tool.name === name));
  if (stray !== undefined) throw refuse(`${stray}: is no tool; see --help`);
  const chosen = tools.filter(({ name }) => names.length === 0 || names.includes(name));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const cache = join(root, '.cache/assure');
  mkdirSync(cache, { recursive: true });
  const outcomes: Outcome[] = [];
  for (const tool of chosen) {
    process.stderr.write(`${tool.name} ${tool.version}\n`);
    outcomes.push(await outcomeOf(tool, { root, cache, signal }));
  }
  const findings = outcomes.flatMap((outcome) => (outcome.kind === 'run' ? outcome.findings : []));
  const open = findings.filter((finding) => !answers.some((answer) => isOf(answer, finding)));
  const ran = new Set(outcomes.filter(({ kind }) => kind === 'run').map(({ tool }) => tool));
  const stale = answers.filter(
    (answer) => ran.has(answer.tool) && !findings.some((finding) => isOf(answer, finding)),
  );
  process.stdout.write(
    flags.json ? `${JSON.stringify({ outcomes, open, stale })}\n` : told(outcomes, open, stale),
  );
  return open.length === 0 && stale.length === 0 ? 0 : 1;
});

async function outcomeOf(tool: Tool, ground: Ground): Promise<Outcome> {
  const { name, version, how } = tool;
  try {
    return { kind: 'run', tool: name, version, ...(await tool.run(ground)) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'NOT_RUN') throw error;
    return { kind: 'not run', tool: name, version, reason: String(error.data.reason), how };
  }
}

function told(
  outcomes: readonly Outcome[],
  open: readonly Finding[],
  stale: readonly Answer[],
): string {
  const row = (...cells: readonly (string | number)[]) =>
    `${cells
      .map((cell, i) => `${cell}`.padEnd([10, 9, 9, 9, 11][i] ?? 0))
      .join(' ')
      .trimEnd()}\n`;
  return [
    row('tool', 'version', 'findings', 'answered', 'unanswered', 'looked at'),
    ...outcomes.map((outcome) => {
      const { tool, version } = outcome;
      if (outcome.kind === 'not run') return row(tool, version, `NOT RUN: ${outcome.reason}`);
      const all = outcome.findings.length;
      const left = open.filter((finding) => finding.tool === tool).length;
      return row(tool, version, all, all - left, left, outcome.looked);
    }),
    ...outcomes.map((outcome) =>
      outcome.kind === 'not run' ? `${outcome.tool} is had by: ${outcome.how}\n` : '',
    ),
    ...open.map(
      (finding) =>
        `\n${finding.tool} ${finding.check}: ${finding.contract}.${finding.function} (${finding.where})\n  ${finding.says}\n`,
    ),
    ...stale.map(
      (answer) =>
        `\nstale answer: ${answer.tool} ${answer.check} no longer finds ${answer.contract}.${answer.function}\n`,
    ),
  ].join('');
}
