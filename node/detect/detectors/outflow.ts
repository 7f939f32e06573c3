import { z } from 'zod';
import type { Detector } from './detector.ts';
import { address, amount, blocks, bps, view, wordsOf } from './units.ts';
import { valuesWithin, type Window, widened } from './window.ts';

const parameters = z.strictObject({
  token: address('token whose balance is watched'),
  holder: address('who holds it'),
  maxOutflowBps: bps(
    'most that may leave within the window, of the greatest balance in it',
    10_000,
  ).default(1_500),
  windowBlocks: blocks('length of the window', 7_200).default(300),
  minHoldings: amount('greatest balance below which nothing fires').default(0n),
});

type Parameters = z.infer<typeof parameters>;
type Holdings = Readonly<{ height: bigint; balance: bigint }>;

/** More of a token left its holder within a window than may. A bank run looks the same: delay, never a pause by itself. */
export const outflow: Detector<Parameters, Holdings, Window<bigint>> = {
  name: 'outflow',
  version: '1.0.0',
  class: 'B',
  family: 'outflow',
  parameters,
  lookback: ({ windowBlocks }) => windowBlocks,
  reads: ({ token, holder }) => [
    view(token, 'function balanceOf(address) view returns (uint256)', [holder]),
  ],
  fact: ({ height, answers }) => {
    const [balance] = wordsOf(answers[0], 1) ?? [];
    return balance === undefined ? null : { height, balance };
  },
  start: [],
  fold: (window, { height, balance }, { windowBlocks }) =>
    widened(window, height, windowBlocks, balance, greater),
  detect: (window, { height, balance }, { windowBlocks, minHoldings, maxOutflowBps }) => {
    const greatest = valuesWithin(window, height, windowBlocks).reduce(greater, 0n);
    if (greatest === 0n || greatest < minHoldings || balance >= greatest) return 'quiet';
    const lostBps = ((greatest - balance) * 10_000n) / greatest;
    return lostBps > BigInt(maxOutflowBps) ? lostBps : 'quiet';
  },
};

const greater = (a: bigint, b: bigint) => (a > b ? a : b);
