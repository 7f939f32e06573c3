// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Looks like a predicate and reads a clock and storage.
contract Impure {
    uint256 public kept;

    function evaluate(bytes calldata, bytes32[] calldata, bytes32[] calldata) external view returns (bool, uint256) {
        return (block.timestamp > 1, kept);
    }
}
