// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a coverage has lately paid to be watched.
interface IPremiums {
    /// @notice Premium of the roll calls that were booked in the 13 weeks before the week of a timestamp and that more than half
    /// of the weight has signed, in the smallest unit of the stake's token. Weeks begin on Thursdays, 0:00 UTC.
    /// @dev What is booked at the timestamp or later is not in it, but for signers added to a call that was booked less than
    /// 32 blocks before the week began.
    function premiumOf(bytes32 coverageId, uint256 trippedAt) external view returns (uint256);
}
