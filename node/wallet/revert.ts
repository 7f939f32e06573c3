import {
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  InsufficientFundsError,
} from 'viem';

/** The account does not hold what all of the gas may cost. */
export const WALLET_SHORT = 'WALLET_SHORT';

/** The contract error's name of a failed simulation; what is not a revert is thrown again. */
export function revertOf(error: unknown): string {
  if (error instanceof BaseError) {
    const reverted = error.walk((step) => step instanceof ContractFunctionRevertedError);
    if (reverted instanceof ContractFunctionRevertedError)
      return reverted.data?.errorName ?? reverted.signature ?? 'REVERTED';
    if (error.walk((step) => step instanceof ContractFunctionZeroDataError) !== null)
      return 'NO_ANSWER';
    if (error.walk((step) => step instanceof InsufficientFundsError) !== null) return WALLET_SHORT;
  }
  throw error;
}
