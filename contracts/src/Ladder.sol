// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice How long a rung of one target may be stopped: the arithmetic of its longest life and of its budget.
/// @dev A budget is a bucket that fills by the time stopped and drains by itself. Levels are in fourteenths of a second,
/// since a full one then drains in 7 days by a whole number each second: 3 at rungs 1 and 3, 2 at rung 2.
/// @dev Whatever drains slower than time passes covers what still runs: `level >= PARTS * (end - now)`, always. What is
/// charged in 7 days is therefore at most a bucket and what drains of it meanwhile: 72, 48 and 72 hours.
/// @dev Words without structs, casts, shifts or unchecked sums, so that a solver can decide what is claimed of them.
library Ladder {
    uint256 internal constant PARTS = 14;
    /// A trip so soon after a stop belongs to it.
    uint256 internal constant COOL_DOWN = 1 hours;
    /// Less is not worth its refund.
    uint256 internal constant LEAST = 5 minutes;
    /// What a proof is given where a quorum is given nothing.
    uint256 internal constant PROOF_LIFE = 1 hours;

    function longestLife(uint256 rung) internal pure returns (uint256) {
        return rung == 2 ? 6 hours : 24 hours;
    }

    function capacity(uint256 rung) internal pure returns (uint256) {
        return rung == 2 ? PARTS * 24 hours : PARTS * 36 hours;
    }

    /// @notice What opinions, which nobody can prove, leave to those that can be proven.
    function reserve(uint256 rung) internal pure returns (uint256) {
        return rung == 2 ? PARTS * 6 hours : PARTS * 12 hours;
    }

    function drain(uint256 rung) internal pure returns (uint256) {
        return rung == 2 ? 2 : 3;
    }

    /// @notice The level after some seconds.
    function drained(uint256 level, uint256 elapsed, uint256 rate) internal pure returns (uint256) {
        uint256 gone = elapsed * rate;
        return level > gone ? level - gone : 0;
    }

    /// @notice Whole seconds that fit below a limit.
    function roomOf(uint256 level, uint256 limit) internal pure returns (uint256) {
        return limit > level ? (limit - level) / PARTS : 0;
    }

    /// @notice What a trip comes to: as long as it asks, but no later than its stop's longest life, and shortened to the room
    /// there is.
    /// @param end Of the stop so far, zero when there was none or the owner has ended it.
    /// @return stopFirst When the stop began that it belongs to.
    /// @return until When it is over; not after both `end` and `now_` where it is refused.
    function grant(
        uint256 first,
        uint256 end,
        uint256 now_,
        uint256 life,
        uint256 longest,
        uint256 room
    ) internal pure returns (uint256 stopFirst, uint256 until) {
        stopFirst = now_ < end + COOL_DOWN ? first : now_;
        until = now_ + life;
        uint256 last = stopFirst + longest;
        if (until > last) until = last;
        uint256 start = end > now_ ? end : now_;
        if (until > start + room) until = room < LEAST ? start : start + room;
    }

    /// @notice The level once the time from `start` to `until` is charged.
    function charged(uint256 level, uint256 start, uint256 until) internal pure returns (uint256) {
        return level + PARTS * (until - start);
    }

    /// @notice The same of a proof that is granted by itself: it fills a bucket at most that much above what it holds.
    function chargedProof(uint256 level, uint256 capacity_, uint256 life) internal pure returns (uint256) {
        uint256 sum = level + PARTS * life;
        uint256 most = capacity_ + PARTS * PROOF_LIFE;
        return sum < most ? sum : most;
    }

    /// @notice The level once what was charged and will not be used, from now to the end, is given back.
    function givenBack(uint256 level, uint256 end, uint256 now_) internal pure returns (uint256) {
        uint256 unused = end > now_ ? PARTS * (end - now_) : 0;
        return level > unused ? level - unused : 0;
    }
}
