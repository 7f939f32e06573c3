import { decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { payrollAbi } from '../../protocol/abi.ts';
import { reasonOf } from '../lib/chain.ts';
import { refuse } from '../lib/refusal.ts';
import type { Ask } from '../lib/rpc.ts';

const PERIOD = { abi: payrollAbi, functionName: 'PERIOD' } as const;

/**
 * Blocks from one roll call of a coverage to the next, on average. It never changes, and is read once: a wrong one would
 * have a node sign where nobody is called for as long as it runs.
 */
export const agreedPeriod = (ask: Ask, payroll: Hex): Promise<bigint> =>
  ask('eth_call', [{ to: payroll, data: encodeFunctionData(PERIOD) }, 'latest'], (answer) =>
    decodeFunctionResult({ ...PERIOD, data: answer as Hex }),
  ).catch((error: unknown) => {
    const refusal = {
      field: 'rpc',
      problem: `not all providers tell how often roll calls are, and the same (${reasonOf(error)})`,
      fix: 'correct the list, or start again once all of them answer',
    };
    throw refuse('RPC_DISAGREES', refusal, error);
  });
