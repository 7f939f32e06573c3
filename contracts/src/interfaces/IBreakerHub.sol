// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Keeps the trips of every target: they expire by themselves and are bounded whoever extends them.
interface IBreakerHub {
    /// @notice One rung of one target. `end` never exceeds `first` plus the rung's longest life.
    struct Trip {
        uint64 first;
        uint64 end;
    }

    /// @notice What more than two thirds last said of one target by a class B rule of rung 2, where it raised nothing.
    struct Opinion {
        /// Block of the trip.
        uint40 height;
        /// Timestamp at which the life of its own rule is over, whatever became of the trip.
        uint40 until;
        bytes6 family;
        /// Set when the target is enrolled, so that no word of it is ever zero.
        bool enrolled;
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
    /// @dev Rehearsed, it said that it had put nothing back, or still answers a rung.
    error ReleaseHadNoEffect(address target, uint8 rung, uint8 found);

    event Opined(address indexed target, bytes6 family);
    event Enrolled(address indexed target);
    event Ended(address indexed target);
    event Released(address indexed target);

    /// @notice The registry whose verdicts this hub obeys.
    function REGISTRY() external view returns (address);

    /// @notice Makes the target's words non-zero, so that its first trip costs no more than the next. Only the registry.
    function enrol(address target) external;

    /// @notice Trips `target`, at whose hub nothing is in force, at each of `rungs` and releases it again, and once more at
    /// the highest with three quarters of its gas; reverts where it does not obey. Remembers nothing. Only the registry.
    /// @param rungs Bit n is rung n.
    function rehearse(address target, uint8 rungs) external;

    /// @notice Trips `target` at `rung` for `life` seconds. Only the registry.
    /// @return end timestamp at which the trip expires.
    function trip(address target, uint8 rung, uint32 life) external returns (uint64 end);

    /// @notice What more than two thirds say by a class B rule of rung 2. While an opinion of another family lives, trips
    /// rung 3, for no longer than rung 2 may; else becomes the opinion itself and trips rung 2, which, when it is in force
    /// for long already, stays as it is. Only the registry.
    /// @param family Of the rule.
    /// @return end timestamp at which the trip expires.
    /// @return tripped rung that is in force until then.
    function opine(address target, uint32 life, bytes6 family) external returns (uint64 end, uint8 tripped);

    /// @notice Ends every trip of `target` now, forgets its opinion and releases it; a target that fails to release can be released later.
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

    /// @notice The last opinion of one target; zero when there was none or the owner ended it.
    function opinionOf(address target) external view returns (Opinion memory);

    /// @notice Longest life of a rung in seconds, from the first trip, whoever extends it.
    function longestLife(uint8 rung) external pure returns (uint32);
}
