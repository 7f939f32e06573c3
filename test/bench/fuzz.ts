import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { command, runCommand, whole } from '../../devnet/program.ts';
import { refuse } from '../../devnet/refusal.ts';

const program = command('fuzz', 'The fuzz and invariant tests of the contracts, in Solidity.')
  .option(
    '-r, --runs <count>',
    'runs of each test, 4 to 999999; an invariant gets a quarter',
    '2000',
  )
  .option('-s, --seed <hex>', 'what they are drawn from; another each time when not given');

await runCommand<Readonly<{ runs: string; seed?: string }>>(program, async (flags, signal) => {
  const runs = whole('--runs', flags.runs, 4, 999_999);
  const seed = flags.seed ?? `0x${randomBytes(32).toString('hex')}`;
  if (!/^0x[0-9a-f]{1,64}$/i.test(seed))
    throw refuse(`--seed: ${JSON.stringify(seed)} is not 0x and 1 to 64 hex digits`);
  process.stdout.write(`fuzz: --runs ${runs} --seed ${seed}\n`);
  const child = spawn('hardhat', ['test', 'solidity'], {
    stdio: 'inherit',
    signal,
    env: {
      ...process.env,
      HARDHAT_CONFIG: 'contracts/hardhat.config.ts',
      HARDHAT_DISABLE_TELEMETRY: 'true',
      CI: '1',
      FUZZ_RUNS: `${runs}`,
      FUZZ_SEED: seed,
    },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
});
