import { BaseError, type Hex, toFunctionSelector } from 'viem';
import {
  aaveV3BreakerAbi,
  breakerHubAbi,
  falseClaimJudgeAbi,
  nonSequiturJudgeAbi,
  quorumVerifierAbi,
  registryAbi,
} from '../protocol/abi.ts';
import type { Call, Chain } from './chain.ts';

const errors = [
  ...registryAbi,
  ...quorumVerifierAbi,
  ...breakerHubAbi,
  ...aaveV3BreakerAbi,
  ...falseClaimJudgeAbi,
  ...nonSequiturJudgeAbi,
];

/** Name of the error that a contract answers with. */
export const errorName = (selector: Hex): string => {
  const found = errors.find(
    (item) => item.type === 'error' && toFunctionSelector(toSignature(item)) === selector,
  );
  return found !== undefined && 'name' in found ? found.name : selector;
};

/** The name of the error with which a call is refused at the newest block; null where it would not be. */
export async function refusalOf({ client }: Chain, call: Call): Promise<string | null> {
  const { from, to, data } = call;
  try {
    await client.call({ account: from, to, data });
    return null;
  } catch (error) {
    const raw: unknown = error instanceof BaseError ? error.walk(hasData) : null;
    return raw === null ? 'no answer' : errorName((raw as { data: Hex }).data.slice(0, 10) as Hex);
  }
}

const hasData = (error: unknown): boolean => typeof (error as { data?: unknown }).data === 'string';

type ErrorItem = Readonly<{ name: string; inputs: readonly { type: string }[] }>;

const toSignature = ({ name, inputs }: ErrorItem) =>
  `${name}(${inputs.map(({ type }) => type).join(',')})`;
