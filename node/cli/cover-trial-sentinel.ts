import { BaseError, decodeFunctionResult, encodeFunctionData, type Hex, size } from 'viem';
import { sentinelAbi } from '../../protocol/abi.ts';
import type { NamedRule } from '../../protocol/named-rule.ts';
import {
  COLLECT_FROM,
  COLLECT_GAS,
  MAX_SAMPLE_BYTES,
  sentinelAddress,
} from '../../protocol/sentinel.ts';
import type { Rule } from '../../protocol/types.ts';
import { createSentinels } from '../detect/sentinels.ts';
import { checkCode, deployedCode, refuseRule } from './cover-code.ts';
import { blockOf, shadowOf } from './cover-fact.ts';
import type { Head } from './cover-standing.ts';
import type { Trial } from './cover-trial.ts';
import type { Network } from './options.ts';

type Sentinel = Extract<NamedRule, { kind: 'sentinel' }>;

/** Collects a sentinel's samples of the newest blocks and lets it judge them, as watchers do. */
export async function trySentinel(
  network: Network,
  head: Head,
  named: Sentinel,
  rule: Rule,
): Promise<Trial> {
  const { samples, name, gas } = named;
  const code = await codeOf(network, head, named);
  const address = sentinelAddress(rule);
  const reads = `collect() of ${address} at ${samples === 1 ? 'each block' : `the newest ${samples} blocks`}`;
  if (head.number < BigInt(samples))
    return { reads, says: `not judged: the chain is younger than ${samples} blocks`, fires: null };
  const collected = await Promise.all(
    Array.from({ length: samples }, (_, back) =>
      collect(network, head.number - BigInt(back), name, address, code),
    ),
  );
  const outcome = await createSentinels({ chainId: network.chainId }).detect({
    block: blockOf(network, head),
    epoch: 0n,
    covered: shadowOf(named, rule, named.bytecode ?? null),
    code,
    samples: collected,
  });
  if (outcome === null) return { reads, says: `clear at block ${head.number}`, fires: false };
  if ('code' in outcome)
    throw refuseRule(
      name,
      'code',
      `shouldRespond reverts, takes more than ${gas} gas or answers no (bool, bytes) at block ${head.number}`,
      'correct the sentinel, or raise gas up to 200000',
    );
  return { reads, says: `FIRES at block ${head.number}, measure ${outcome.measure}`, fires: true };
}

async function codeOf(network: Network, head: Head, named: Sentinel): Promise<Hex> {
  const { name, code, bytecode, codeHash } = named;
  if (code !== undefined) return deployedCode(network, head, 'sentinel', { name, code, codeHash });
  await checkCode('sentinel', name, 'bytecode', bytecode ?? '0x');
  return bytecode ?? '0x';
}

/** One sample, asked for as every watcher asks: the code put at its address, by nobody, for nothing. */
async function collect(
  { client }: Network,
  blockNumber: bigint,
  rule: string,
  address: Hex,
  code: Hex,
): Promise<Hex> {
  const no = (problem: string, fix: string, cause?: unknown) =>
    refuseRule(rule, 'code', `collect() ${problem} at block ${blockNumber}`, fix, cause);
  const answer = await client
    .call({
      account: COLLECT_FROM,
      to: address,
      data: encodeFunctionData({ abi: sentinelAbi, functionName: 'collect' }),
      gas: BigInt(COLLECT_GAS),
      gasPrice: 0n,
      blockNumber,
      stateOverride: [{ address, code, balance: 0n }],
    })
    .catch((error: unknown) => {
      if (!isRevert(error)) throw error;
      throw no(
        `reverts or takes more than ${COLLECT_GAS} gas`,
        'let it answer whatever the chain looks like',
        error,
      );
    });
  const sample = sampleOf(answer.data ?? '0x');
  if (sample === null) throw no('answers no bytes', 'let it return (bytes memory)');
  if (size(sample) > MAX_SAMPLE_BYTES)
    throw no(
      `answers ${size(sample)} bytes, more than ${MAX_SAMPLE_BYTES}`,
      'let it return less, as a hash of what it read',
    );
  return sample;
}

function sampleOf(data: Hex): Hex | null {
  try {
    return decodeFunctionResult({ abi: sentinelAbi, functionName: 'collect', data });
  } catch {
    return null;
  }
}

/** The provider ran it and it failed, by the words of clients in use; anything else is the provider's own trouble. */
const isRevert = (error: unknown): boolean =>
  error instanceof BaseError &&
  /revert|out of gas|outofgas|invalid opcode|invalidfe|stack (under|over)flow|invalid jump|evm error/i.test(
    error.walk((step) => !(step instanceof BaseError))?.message ?? error.message,
  );
