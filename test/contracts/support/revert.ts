import assert from 'node:assert/strict';
import { type Abi, decodeErrorResult, type Hex } from 'viem';

/** The call reverts with this custom error and these arguments. */
export const reverts = async (
  call: Promise<unknown>,
  { abi }: { readonly abi: Abi | readonly unknown[] },
  errorName: string,
  ...args: readonly unknown[]
): Promise<void> => {
  const thrown = await call.then(
    () => assert.fail(`did not revert with ${errorName}`),
    (error: unknown) => error,
  );
  const raw = revertData(thrown);
  assert.ok(raw, `no revert data in: ${String(thrown)}`);
  const decoded = decodeErrorResult({ abi: abi as Abi, data: raw });
  assert.deepEqual([decoded.errorName, ...(decoded.args ?? [])], [errorName, ...args]);
};

const revertData = (error: unknown): Hex | undefined => {
  if (typeof error === 'string')
    return /^0x([0-9a-f]{2}){4,}$/i.test(error) ? (error as Hex) : undefined;
  if (typeof error !== 'object' || error === null) return undefined;
  const { data, raw, cause } = error as { data?: unknown; raw?: unknown; cause?: unknown };
  return revertData(raw) ?? revertData(data) ?? revertData(cause);
};
