// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Class} from "../Types.sol";

/// @notice Keeps the trips of every target: they expire by themselves and are bounded whoever extends them.
/// @dev The ladder: rungs 1 and 3 live 24 hours at most and 72 in any 7 days, rung 2 six and 48. A trip within an hour of the end
/// of a stop belongs to that stop.
interface IBreakerHub {
    /// @notice One rung of one target. `end` never exceeds `first` plus the rung's longest life.
    struct Trip {
        uint64 first;
        uint64 end;
        /// Timestamp at which it was last tripped, or ended before its time.
        uint64 changedAt;
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
    /// @dev A trip until then belongs to the stop before, which has reached its longest life.
    error CoolingDown(address target, uint8 rung, uint64 until);
    /// @dev Less than five minutes, and than what was asked, are left. `room` is in seconds.
    error BudgetSpent(address target, uint8 rung, uint256 room);
    /// @dev A target given less than its full gas could stop half of what it stops.
    error GasShort(uint256 left, uint256 needed);
    error TripFailed(address target, uint8 rung);
    error TripHadNoEffect(address target, uint8 asked, uint8 found);
    error StillTripped(address target, uint8 rung);
    error ReleaseFailed(address target, uint8 rung);
    /// @dev Rehearsed, it said that it had put nothing back, or still answers a rung.
    error ReleaseHadNoEffect(address target, uint8 rung, uint8 found);

    event Opined(address indexed target, bytes6 family);
    event Enrolled(address indexed target);
    event Ended(address indexed target);
    event Lifted(address indexed target, uint8 rung);
    event Released(address indexed target, uint8 rung);

    /// @notice The registry whose verdicts this hub obeys.
    function REGISTRY() external view returns (address);

    /// @notice Makes the target's words non-zero, so that its first trip costs no more than the next, and leaves what is in
    /// them: a budget is the target's, whoever covers it. Only the registry.
    function enrol(address target) external;

    /// @notice Releases `target`, at which nothing may be in force, of what expired trips left; trips it at each of `rungs`
    /// and releases it again, and once more at the highest with three quarters of its gas; reverts where it does not obey. Remembers nothing. Only the registry.
    /// @param rungs Bit n is rung n.
    function rehearse(address target, uint8 rungs) external;

    /// @notice Trips `target` at `rung` for `life` seconds, or for as long as the rung's longest life and budget allow. Only the
    /// registry.
    /// @param class Of the rule: B and C leave a reserve of the budget to A.
    /// @return end timestamp at which the trip expires.
    function trip(address target, uint8 rung, uint32 life, Class class) external returns (uint64 end);

    /// @notice The same of a class A rule by proof. Where a quorum would be given less, a new stop of an hour, or of the rule's
    /// life when that is shorter, whatever is left of the budget. Only the registry.
    /// @dev Warning: an alarm that lasts can so hold a target an hour at a time with single blocks between, until its owner
    /// ends the trip and disarms the rule.
    /// @param provenAt Timestamp of the proven block: above the end of the former stop, so that the rule has fired again while
    /// the target was open, and no stop is longer than its longest life.
    /// @return end timestamp at which the trip expires.
    function tripProven(address target, uint8 rung, uint32 life, uint64 provenAt) external returns (uint64 end);

    /// @notice What more than two thirds say by a class B rule of rung 2. While an opinion of another family lives, trips
    /// rung 3, for no longer than rung 2 may; else becomes the opinion itself and trips rung 2, which, when it is in force
    /// and cannot be extended, stays as it is. Only the registry.
    /// @param family Of the rule.
    /// @return end timestamp at which the trip expires.
    /// @return tripped rung that is in force until then.
    function opine(address target, uint32 life, bytes6 family) external returns (uint64 end, uint8 tripped);

    /// @notice Ends every trip of `target` now, gives back what they had left of the budget, forgets its opinion and releases it
    /// from rung 3 down; what fails to release can be released later. Only the registry.
    /// @return released whether the target put anything back.
    function end(address target) external returns (bool released);

    /// @notice Puts back what an expired trip of `rung` changed at the target, though other rungs are in force; again where
    /// something was left. Only the registry.
    /// @return released whether the target put anything back.
    function release(address target, uint8 rung) external returns (bool released);

    /// @notice Ends one rung's stop where a verdict alone made it at `trippedAt`, to expire at `until`, and releases it;
    /// leaves any other, and any that a second verdict has prolonged. Gives back what is left of the budget. Only the registry.
    /// @return lifted whether it was that stop.
    function lift(address target, uint8 rung, uint64 trippedAt, uint64 until) external returns (bool lifted);

    /// @notice Highest rung in force at `target`, 0 when none.
    function rungOf(address target) external view returns (uint8);

    /// @notice One rung's trip of one target, expired ones too; `first` and `end` are zero when there was none or it was
    /// ended before its time.
    function tripOf(address target, uint8 rung) external view returns (Trip memory);

    /// @notice Seconds that trips of a rule's class may still stop one rung of one target for.
    function roomOf(address target, uint8 rung, Class class) external view returns (uint256);

    /// @notice The last opinion of one target; zero when there was none or the owner ended it.
    function opinionOf(address target) external view returns (Opinion memory);

    /// @notice Longest life of a rung in seconds, from the first trip, whoever extends it.
    function longestLife(uint8 rung) external pure returns (uint32);
}
