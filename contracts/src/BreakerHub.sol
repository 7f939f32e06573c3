// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ladder} from "./Ladder.sol";
import {Class} from "./Types.sol";
import {IBreaker} from "./interfaces/IBreaker.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";

/// @notice Keeps the trips of every target and passes them on. A trip's event is the registry's `Incident`.
/// @dev Role: whatever a target grants its hub, nothing else. Worst use: a hostile registry stops every target for as long as
/// the ladder's budgets last; by what it calls proofs, an hour at a time for ever, which targets end by naming another hub.
/// @dev Warning: a target that lies about its own rung is not protected.
contract BreakerHub is IBreakerHub {
    /* CONSTANTS */

    uint256 internal constant TARGET_GAS = 1_000_000;
    uint256 internal constant READ_GAS = 250_000;
    /// Less, as gas of a chain may cost more one day.
    uint256 internal constant REHEARSAL_GAS = (TARGET_GAS * 3) / 4;
    uint32 internal constant REHEARSAL_LIFE = 5 minutes;
    uint8 internal constant HIGHEST_RUNG = 3;
    uint8 internal constant OPINION_RUNG = 2;
    /// Blocks within which two opinions are about one event.
    uint256 internal constant WINDOW = 300;

    /* IMMUTABLES */

    /// @inheritdoc IBreakerHub
    address public immutable REGISTRY = msg.sender;

    /* STORAGE */

    /// @dev One word; never zero once it is enrolled, so that its first trip costs no more than the next.
    struct Stop {
        uint40 first;
        uint40 end;
        /// Of the budget's bucket, as of `levelAt`.
        uint32 level;
        uint40 levelAt;
        bool born;
        /// More than one verdict is behind what runs.
        bool joined;
    }

    mapping(address target => mapping(uint8 rung => Stop)) internal stops;
    mapping(address target => Opinion) internal opinions;

    /* TRIPPING */

    /// @inheritdoc IBreakerHub
    function enrol(address target) external {
        requireRegistry();
        // And nothing else: who covers anew has no fuller budget.
        for (uint8 rung = 1; rung <= HIGHEST_RUNG; ++rung) stops[target][rung].born = true;
        opinions[target].enrolled = true;
        emit Enrolled(target);
    }

    /// @inheritdoc IBreakerHub
    function rehearse(address target, uint8 rungs) external {
        requireRegistry();
        requireTargetGas();
        uint8 found = rungOf(target);
        require(found == 0, StillTripped(target, found));
        releaseAll(target);
        found = readRung(target);
        require(found == 0, StillTripped(target, found));
        uint64 until = uint64(block.timestamp) + REHEARSAL_LIFE;
        uint8 highest;
        for (uint8 rung = 1; rung <= HIGHEST_RUNG; ++rung) {
            if ((rungs >> rung) & 1 == 0) continue;
            tripTarget(target, rung, until, TARGET_GAS);
            highest = rung;
        }
        requireReleased(target, rungs, highest);
        tripTarget(target, highest, until, REHEARSAL_GAS);
        requireReleased(target, uint8(1 << highest), highest);
    }

    /// @inheritdoc IBreakerHub
    function trip(address target, uint8 rung, uint32 life, Class class) external returns (uint64 until) {
        requireRegistry();
        requireRung(rung);
        return extend(target, rung, life, Ladder.longestLife(rung), class, false);
    }

    /// @inheritdoc IBreakerHub
    function tripProven(address target, uint8 rung, uint32 life, uint64 provenAt) external returns (uint64 until) {
        requireRegistry();
        requireRung(rung);
        Stop storage stop = stops[target][rung];
        uint256 level = levelOf(stop, rung);
        uint256 room = Ladder.roomOf(level, Ladder.capacity(rung));
        uint256 longest = Ladder.longestLife(rung);
        (, uint256 granted) = Ladder.grant(stop.first, stop.end, block.timestamp, life, longest, room);
        uint256 due = life < Ladder.PROOF_LIFE ? life : Ladder.PROOF_LIFE;
        if (provenAt <= stop.end || granted >= block.timestamp + due)
            return extend(target, rung, life, longest, Class.A, false);
        until = uint64(block.timestamp + due);
        level = Ladder.chargedProof(level, Ladder.capacity(rung), due);
        keep(stop, block.timestamp, until, level);
        tripTarget(target, rung, until, TARGET_GAS);
    }

    /// @inheritdoc IBreakerHub
    function opine(address target, uint32 life, bytes6 family) external returns (uint64 until, uint8 tripped) {
        requireRegistry();
        bool raised = isRaised(target, life, family);
        if (!raised) {
            opinions[target] = Opinion(uint40(block.number), uint40(block.timestamp) + life, family, true);
            emit Opined(target, family);
        }
        tripped = raised ? HIGHEST_RUNG : OPINION_RUNG;
        until = extend(target, tripped, life, Ladder.longestLife(OPINION_RUNG), Class.B, !raised);
    }

    /// @inheritdoc IBreakerHub
    function end(address target) external returns (bool released) {
        requireRegistry();
        for (uint8 rung = 1; rung <= HIGHEST_RUNG; ++rung) {
            Stop storage stop = stops[target][rung];
            // Ended before: it stays known when.
            if (stop.end == 0) continue;
            keep(stop, 0, 0, Ladder.givenBack(levelOf(stop, rung), stop.end, block.timestamp));
        }
        opinions[target] = Opinion(0, 0, 0, true);
        emit Ended(target);
        return releaseAll(target);
    }

    /// @inheritdoc IBreakerHub
    function release(address target, uint8 rung) external returns (bool released) {
        requireRegistry();
        requireRung(rung);
        require(stops[target][rung].end <= block.timestamp, StillTripped(target, rung));
        bool ran;
        (ran, released) = releaseTarget(target, rung);
        require(ran, ReleaseFailed(target, rung));
    }

    /// @inheritdoc IBreakerHub
    function lift(address target, uint8 rung, uint64 trippedAt, uint64 until) external returns (bool lifted) {
        requireRegistry();
        requireRung(rung);
        Stop storage stop = stops[target][rung];
        bool alone = stop.levelAt == trippedAt && stop.end == until && !stop.joined;
        if (!alone || until <= block.timestamp) return false;
        keep(stop, 0, 0, Ladder.givenBack(levelOf(stop, rung), until, block.timestamp));
        emit Lifted(target, rung);
        // What fails to release can be released later.
        releaseTarget(target, rung);
        return true;
    }

    /* INTERNAL */

    function requireRegistry() internal view {
        require(msg.sender == REGISTRY, NotRegistry(msg.sender));
    }

    function requireRung(uint8 rung) internal pure {
        require(rung != 0 && rung <= HIGHEST_RUNG, RungUnknown(rung));
    }

    /// @notice Trips a rung for `life` from now, as far as its longest life and its budget allow.
    /// @param content Leaves a rung that is in force as it is, and the target too, where it cannot be extended: somebody else's
    /// trip is no reason to hear nobody.
    function extend(
        address target,
        uint8 rung,
        uint32 life,
        uint256 longest,
        Class class,
        bool content
    ) internal returns (uint64 until) {
        Stop storage stop = stops[target][rung];
        // Read and written at one place each, so that the word is loaded once and stored once.
        (uint256 first, uint256 former) = (stop.first, stop.end);
        (uint256 level, uint256 levelAt) = (stop.level, stop.levelAt);
        level = Ladder.drained(level, block.timestamp - levelAt, Ladder.drain(rung));
        uint256 room = Ladder.roomOf(level, limitOf(rung, class));
        uint256 newEnd;
        (first, newEnd) = Ladder.grant(first, former, block.timestamp, life, longest, room);
        uint256 start = former > block.timestamp ? former : block.timestamp;
        bool isLong;
        // Start is now or later.
        unchecked {
            isLong = 2 * (start - block.timestamp) > life;
        }
        if (isLong || newEnd <= start) {
            if (content && former > block.timestamp) return uint64(former);
            require(!isLong, TripStillLong(target, rung, uint64(former)));
            bool isOver = first + longest <= start;
            require(!isOver || start == block.timestamp, LongestLifeReached(target, rung, uint64(former)));
            require(!isOver, CoolingDown(target, rung, uint64(former + Ladder.COOL_DOWN)));
            revert BudgetSpent(target, rung, room);
        }
        level = Ladder.charged(level, start, newEnd);
        (stop.first, stop.end) = (uint40(first), uint40(newEnd));
        (stop.level, stop.levelAt, stop.joined) = (uint32(level), uint40(block.timestamp), former > block.timestamp);
        until = uint64(newEnd);
        tripTarget(target, rung, until, TARGET_GAS);
    }

    /// @dev Times are 40 bits; a bucket holds less than 2^21 fourteenths.
    function keep(Stop storage stop, uint256 first, uint256 end_, uint256 level) internal {
        (stop.first, stop.end) = (uint40(first), uint40(end_));
        (stop.level, stop.levelAt, stop.joined) = (uint32(level), uint40(block.timestamp), false);
    }

    function levelOf(Stop storage stop, uint8 rung) internal view returns (uint256) {
        return Ladder.drained(stop.level, block.timestamp - stop.levelAt, Ladder.drain(rung));
    }

    function limitOf(uint8 rung, Class class) internal pure returns (uint256 limit) {
        limit = Ladder.capacity(rung);
        if (class != Class.A) limit -= Ladder.reserve(rung);
    }

    /// @notice Whether the living opinion of another family makes this one more than an opinion.
    /// @dev One family says the same again no sooner than half its life before the end; but a rung 2 that has ended, as its
    /// longest life makes it, is not kept down by what was said late in it.
    function isRaised(address target, uint32 life, bytes6 family) internal view returns (bool) {
        Opinion memory last = opinions[target];
        if (last.until <= block.timestamp) return false;
        if (last.family != family) return block.number - last.height <= WINDOW;
        bool again = rungOf(target) < OPINION_RUNG || 2 * (last.until - block.timestamp) <= life;
        require(again, TripStillLong(target, OPINION_RUNG, last.until));
        return false;
    }

    /// @dev A call is given at most 63/64 of the gas that is left, silently; asking a target what it did is a call too.
    function requireTargetGas() internal view {
        uint256 needed = ((TARGET_GAS + READ_GAS) * 64) / 63 + 20_000;
        require(gasleft() >= needed, GasShort(gasleft(), needed));
    }

    function tripTarget(address target, uint8 rung, uint64 until, uint256 gas_) internal {
        requireTargetGas();
        (bool ran, , ) = callTarget(target, abi.encodeCall(IBreaker.trip, (rung, until)), gas_);
        require(ran, TripFailed(target, rung));
        uint8 found = readRung(target);
        require(found >= rung, TripHadNoEffect(target, rung, found));
    }

    function requireReleased(address target, uint8 rungs, uint8 highest) internal {
        bool any;
        for (uint8 rung = HIGHEST_RUNG; rung != 0; --rung) {
            if ((rungs >> rung) & 1 == 0) continue;
            (bool ran, bool released) = releaseTarget(target, rung);
            require(ran, ReleaseFailed(target, rung));
            any = any || released;
        }
        uint8 found = readRung(target);
        require(any && found == 0, ReleaseHadNoEffect(target, highest, found));
    }

    /// @dev From the highest down; one that fails keeps none of the others from it.
    function releaseAll(address target) internal returns (bool any) {
        for (uint8 rung = HIGHEST_RUNG; rung != 0; --rung) {
            (, bool released) = releaseTarget(target, rung);
            any = any || released;
        }
    }

    function releaseTarget(address target, uint8 rung) internal returns (bool ran, bool released) {
        requireTargetGas();
        uint256 size;
        uint256 word;
        (ran, size, word) = callTarget(target, abi.encodeCall(IBreaker.release, (rung)), TARGET_GAS);
        released = ran && size >= 0x20 && word == 1;
        if (released) emit Released(target, rung);
    }

    /// @dev `target.call{gas: gas_}(input)` that copies one word of the answer, however long it is.
    function callTarget(
        address target,
        bytes memory input,
        uint256 gas_
    ) internal returns (bool ran, uint256 size, uint256 word) {
        assembly ("memory-safe") {
            mstore(0, 0)
            ran := call(gas_, target, 0, add(input, 0x20), mload(input), 0, 0x20)
            size := returndatasize()
            word := mload(0)
        }
    }

    /// @dev `target.staticcall{gas: READ_GAS}(rung())` that copies one word; zero when the answer is no rung.
    function readRung(address target) internal view returns (uint8) {
        bytes32 input = bytes32(IBreaker.rung.selector);
        bool ran;
        uint256 size;
        uint256 word;
        assembly ("memory-safe") {
            mstore(0, input)
            ran := staticcall(READ_GAS, target, 0, 4, 0, 0x20)
            size := returndatasize()
            word := mload(0)
        }
        return ran && size >= 0x20 && word <= HIGHEST_RUNG ? uint8(word) : 0;
    }

    /* VIEWS */

    /// @inheritdoc IBreakerHub
    function rungOf(address target) public view returns (uint8) {
        for (uint8 rung = HIGHEST_RUNG; rung != 0; --rung) if (stops[target][rung].end > block.timestamp) return rung;
        return 0;
    }

    /// @inheritdoc IBreakerHub
    function tripOf(address target, uint8 rung) external view returns (Trip memory) {
        requireRung(rung);
        Stop storage stop = stops[target][rung];
        return Trip(stop.first, stop.end, stop.levelAt);
    }

    /// @inheritdoc IBreakerHub
    function roomOf(address target, uint8 rung, Class class) external view returns (uint256) {
        requireRung(rung);
        return Ladder.roomOf(levelOf(stops[target][rung], rung), limitOf(rung, class));
    }

    /// @inheritdoc IBreakerHub
    function opinionOf(address target) external view returns (Opinion memory) {
        return opinions[target];
    }

    /// @inheritdoc IBreakerHub
    function longestLife(uint8 rung) external pure returns (uint32) {
        requireRung(rung);
        return uint32(Ladder.longestLife(rung));
    }
}
