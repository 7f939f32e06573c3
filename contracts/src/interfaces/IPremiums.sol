// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a coverage has lately paid to be watched.
interface IPremiums {
    /// @notice Premium that roll calls of the last 90 days paid, to within a week, in the smallest unit of the stake's token.
    function premiumOf(bytes32 coverageId) external view returns (uint256);
}
