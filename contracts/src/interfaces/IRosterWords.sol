// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev `ICommittee.roster` with its fields as words on the stack: 700 gas less than the struct in memory.
interface IRosterWords {
    function roster(
        uint64 epoch
    )
        external
        view
        returns (
            uint256 openedAt,
            uint256 supersededAt,
            uint256 validUntil,
            uint256 nonce,
            uint256 seats,
            uint256 maxRung
        );
}
