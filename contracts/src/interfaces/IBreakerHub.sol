// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Keeps the trips of every target: they expire by themselves and are bounded whoever extends them.
interface IBreakerHub {
    /// @notice One rung of one target. `end` never exceeds `first` plus the rung's longest life.
    struct Trip {
        uint64 first;
        uint64 end;
    }

    error NotRegistry(address caller);
    error RungUnknown(uint8 rung);
    /// @dev In force for more than half of the asked life: a rule that goes on firing may not spend the escrow each block.
    error TripStillLong(address target, uint8 rung, uint64 end);
    error LongestLifeReached(address target, uint8 rung, uint64 end);
    /// @dev A target given less than its full gas could stop half of what it stops.
    error GasShort(uint256 left, uint256 needed);
    error TripFailed(address target, uint8 rung);
    error TripHadNoEffect(address target, uint8 asked, uint8 found);
    error StillTripped(address target, uint8 rung);
    error ReleaseFailed(address target);

    event Enrolled(address indexed target);
    event Ended(address indexed target);
    event Released(address indexed target);

    /// @notice The registry whose verdicts this hub obeys.
    function REGISTRY() external view returns (address);

    /// @notice Makes the target's slot non-zero, so that its first trip costs no more than the next. Only the registry.
    function enrol(address target) external;

    /// @notice Trips `target` at `rung` for `life` seconds. Only the registry.
    /// @return end timestamp at which the trip expires.
    function trip(address target, uint8 rung, uint32 life) external returns (uint64 end);

    /// @notice Ends every trip of `target` now and releases it; a target that fails to release can be released later.
    /// Only the registry.
    /// @return released whether the target put anything back.
    function end(address target) external returns (bool released);

    /// @notice Puts back what expired trips changed at the target. Only the registry.
    /// @return released whether the target put anything back.
    function release(address target) external returns (bool released);

    /// @notice Highest rung in force at `target`, 0 when none.
    function rungOf(address target) external view returns (uint8);

    /// @notice One rung's trip of one target, expired ones too; zero when there was none or the owner ended it.
    function tripOf(address target, uint8 rung) external view returns (Trip memory);

    /// @notice Longest life of a rung in seconds, from the first trip, whoever extends it.
    function longestLife(uint8 rung) external pure returns (uint32);
}
