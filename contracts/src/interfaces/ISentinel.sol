// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a class B rule looks at, and what it says of it. Contracts of this shape run as they are.
/// @dev `SentinelScan` refuses code that could tell two watchers apart: what it says follows from the chain alone.
interface ISentinel {
    /// @notice One sample of the chain, at most 2,048 bytes, read with 2,000,000 gas by a static call.
    function collect() external view returns (bytes memory sample);

    /// @notice Whether the rule fires, and why; the first word of the response is its measure.
    /// @param samples One a block, newest first.
    function shouldRespond(bytes[] calldata samples) external pure returns (bool fires, bytes memory response);
}
