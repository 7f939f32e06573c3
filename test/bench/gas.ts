import { command, runCommand } from '../../devnet/program.ts';
import { table } from '../../devnet/text.ts';
import {
  measureQuorum,
  measureRegister,
  measureRoster,
  SHARES,
  SIZES,
} from '../contracts/support/gas.ts';
import { measurePay } from '../contracts/support/pay-gas.ts';
import { measureProof, measureProvenTrip, PROVEN } from '../contracts/support/proof-gas.ts';

/** The verification whose parts are told one by one. */
const GUARDED = { seats: 64, percent: 67 };
const PAGES = [1, 8, 64, 127] as const;

type Figures = Awaited<ReturnType<typeof measure>>;

const program = command(
  'bench:gas',
  'Gas of whole transactions on the in-process chain at osaka rules; guards are the parts of one verification, 64 seats, 67 %.',
).option('--json', 'print one JSON object on stdout instead of tables');

await runCommand<Readonly<{ json?: true }>>(program, async ({ json }) => {
  const figures = await measure();
  await new Promise<void>((resolve) => {
    process.stdout.write(json === true ? `${JSON.stringify(figures)}\n` : tablesOf(figures), () =>
      resolve(),
    );
  });
  // The chain in this process would stay.
  process.exit(0);
});

async function measure() {
  const quorum = [];
  for (const seats of SIZES) quorum.push(...(await measureQuorum(seats, SHARES)));
  const opened = [];
  for (const seats of SIZES) opened.push({ seats, ...(await measureRoster(seats)) });
  const pages = [];
  for (const keys of PAGES) pages.push({ keys, gas: (await measureRoster(keys)).pages[0] ?? 0 });
  const proof = [];
  for (const state of PROVEN) {
    const { gas: trip } = await measureProvenTrip(state);
    proof.push({ ...(await measureProof(state)), trip });
  }
  const pay = [];
  for (const seats of SIZES) pay.push(await measurePay(seats));
  const guarded = quorum.find(
    ({ seats, percent }) => seats === GUARDED.seats && percent === GUARDED.percent,
  );
  const sum = (gas: readonly number[]) => gas.reduce((total, step) => total + step, 0);
  return {
    quorum: quorum.map(({ seats, percent, absent, verify, trip }) => ({
      seats,
      percent,
      absent,
      verify,
      trip,
    })),
    roster: opened.map(({ seats, first, same, changed }) => ({
      seats,
      gas: sum(first),
      steps: first.length,
      largestStep: Math.max(...first, ...changed),
      unchanged: sum(same),
    })),
    /** The largest. */
    page: pages.at(-1)!.gas,
    pages,
    proof,
    pay,
    register: await measureRegister(),
    guards: Object.entries(guarded?.parts ?? {}).flatMap(([name, gas]) =>
      typeof gas === 'bigint' ? [{ name, gas: Number(gas) }] : [],
    ),
  };
}

function tablesOf({ quorum, roster, pages, guards, proof, pay, register }: Figures): string {
  const rowsOf = (rows: readonly object[]) => [
    Object.keys(rows[0] ?? {}),
    ...rows.map((row) => Object.values(row).map(String)),
  ];
  return [quorum, roster, pages, guards, proof, pay, [{ register }]]
    .map((rows) => table(rowsOf(rows)))
    .join('\n');
}
