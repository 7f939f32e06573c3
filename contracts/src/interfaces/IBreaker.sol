// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a target, or the adapter that stands for one, answers to the hub.
interface IBreaker {
    error NotHub(address caller, address hub);
    error RungUnsupported(uint8 rung);

    /// @notice Who may cover this target.
    function guardian() external view returns (address);

    /// @notice The hub this target obeys.
    function hub() external view returns (address);

    /// @notice Highest rung in force now, as the target itself would answer; 0 when nothing is stopped.
    function rung() external view returns (uint8);

    /// @notice Stops what `rung_` stops until the timestamp `until`. Only the hub.
    function trip(uint8 rung_, uint64 until) external;

    /// @notice Ends `rung_` here and puts back what its trips changed: only what no other rung still holds, and only where the
    /// current value is still what the trip set. Any number of times. Only the hub.
    /// @return changed whether anything was put back; only then is whoever asked for it refunded.
    function release(uint8 rung_) external returns (bool changed);
}
