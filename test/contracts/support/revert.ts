import assert from 'node:assert/strict';
import { type Abi, decodeErrorResult, type Hex } from 'viem';

/** The call reverts with this custom error and these arguments. */
export const reverts = async (
  call: Promise<unknown>,
  contract: { readonly abi: Abi | readonly unknown[] },
  errorName: string,
  ...args: readonly unknown[]
): Promise<void> => {
  const { name, args: found } = await errorOf(call, contract);
  assert.deepEqual([name, ...found], [errorName, ...args]);
};

/** The custom error with which the call reverts. */
export const errorOf = async (
  call: Promise<unknown>,
  { abi }: { readonly abi: Abi | readonly unknown[] },
): Promise<Readonly<{ name: string; args: readonly unknown[] }>> => {
  const thrown = await call.then(
    () => assert.fail('did not revert'),
    (error: unknown) => error,
  );
  const raw = revertData(thrown);
  assert.ok(raw, `no revert data in: ${String(thrown)}`);
  const { errorName, args } = decodeErrorResult({ abi: abi as Abi, data: raw });
  return { name: errorName, args: args ?? [] };
};

const revertData = (error: unknown): Hex | undefined => {
  if (typeof error === 'string')
    return /^0x([0-9a-f]{2}){4,}$/i.test(error) ? (error as Hex) : undefined;
  if (typeof error !== 'object' || error === null) return undefined;
  const { data, raw, cause } = error as { data?: unknown; raw?: unknown; cause?: unknown };
  return revertData(raw) ?? revertData(data) ?? revertData(cause);
};
