import { BaseError, ContractFunctionRevertedError, ContractFunctionZeroDataError } from 'viem';

/** The contract error's name of a failed simulation; what is not a revert is thrown again. */
export function revertOf(error: unknown): string {
  if (error instanceof BaseError) {
    const reverted = error.walk((step) => step instanceof ContractFunctionRevertedError);
    if (reverted instanceof ContractFunctionRevertedError)
      return reverted.data?.errorName ?? reverted.signature ?? 'REVERTED';
    if (error.walk((step) => step instanceof ContractFunctionZeroDataError) !== null)
      return 'NO_ANSWER';
  }
  throw error;
}
