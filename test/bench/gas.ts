import { parseArgs } from 'node:util';
import {
  measureQuorum,
  measureRegister,
  measureRoster,
  SHARES,
  SIZES,
} from '../contracts/support/gas.ts';
import { measureProof, PROVEN } from '../contracts/support/proof-gas.ts';

/*
 * Gas of whole transactions on the in-process chain at osaka rules: `npm run bench:gas -- --json`.
 * `guards` says what the parts of one verification cost: 64 seats, 67 % sign.
 */
const GUARDED = { seats: 64, percent: 67 };
const PAGES = [1, 8, 64, 127] as const;

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const quorum = [];
for (const seats of SIZES) quorum.push(...(await measureQuorum(seats, SHARES)));
const opened = [];
for (const seats of SIZES) opened.push({ seats, ...(await measureRoster(seats)) });
const page = [];
for (const keys of PAGES) page.push({ keys, gas: (await measureRoster(keys)).pages[0] ?? 0 });
const proof = [];
for (const state of PROVEN) proof.push(await measureProof(state));
const guarded = quorum.find(
  ({ seats, percent }) => seats === GUARDED.seats && percent === GUARDED.percent,
);
const sum = (gas: readonly number[]) => gas.reduce((total, step) => total + step, 0);
const figures = {
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
  page,
  proof,
  register: await measureRegister(),
  guards: Object.entries(guarded?.parts ?? {}).flatMap(([name, gas]) =>
    typeof gas === 'bigint' ? [{ name, gas: Number(gas) }] : [],
  ),
};

const table = (rows: readonly object[]): string => {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => Object.values(row).map(String))];
  return lines.map((cells) => cells.map((cell) => cell.padStart(18)).join('')).join('\n');
};
const { quorum: trips, roster, guards, register } = figures;
const text = [trips, roster, page, guards, proof, [{ register }]].map(table).join('\n\n');
process.stdout.write(`${values.json ? JSON.stringify(figures) : text}\n`, () => process.exit(0));
