// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "./interfaces/IBreaker.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";

/// @notice Keeps the trips of every target and passes them on. A trip's event is the registry's `Incident`.
/// @dev Role: whatever a target grants its hub, nothing else. Worst use: a hostile registry stops every target for each
/// rung's longest life, again and again.
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

    // One word a target: for each rung from 1 on, `first` and `end` of 40 bits each; the top bit is set from birth.
    uint256 internal constant TIME_BITS = 40;
    uint256 internal constant TRIP_BITS = 2 * TIME_BITS;
    uint256 internal constant TIME_MASK = (1 << TIME_BITS) - 1;
    uint256 internal constant TRIP_MASK = (1 << TRIP_BITS) - 1;
    uint256 internal constant BORN = 1 << 255;

    /* IMMUTABLES */

    /// @inheritdoc IBreakerHub
    address public immutable REGISTRY = msg.sender;

    /* STORAGE */

    mapping(address target => uint256 trips) internal tripsOf;
    mapping(address target => Opinion) internal opinions;

    /* TRIPPING */

    /// @inheritdoc IBreakerHub
    function enrol(address target) external {
        requireRegistry();
        tripsOf[target] |= BORN;
        opinions[target].enrolled = true;
        emit Enrolled(target);
    }

    /// @inheritdoc IBreakerHub
    function rehearse(address target, uint8 rungs) external {
        requireRegistry();
        requireTargetGas();
        uint8 found = readRung(target);
        require(found == 0, StillTripped(target, found));
        uint64 until = uint64(block.timestamp) + REHEARSAL_LIFE;
        uint8 highest;
        for (uint8 rung = 1; rung <= HIGHEST_RUNG; ++rung) {
            if ((rungs >> rung) & 1 == 0) continue;
            tripTarget(target, rung, until, TARGET_GAS);
            highest = rung;
        }
        requireReleased(target, highest);
        tripTarget(target, highest, until, REHEARSAL_GAS);
        requireReleased(target, highest);
    }

    /// @inheritdoc IBreakerHub
    function trip(address target, uint8 rung, uint32 life) external returns (uint64 until) {
        requireRegistry();
        return extend(target, rung, life, longestLife(rung), false);
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
        until = extend(target, tripped, life, longestLife(OPINION_RUNG), !raised);
    }

    /// @inheritdoc IBreakerHub
    function end(address target) external returns (bool released) {
        requireRegistry();
        tripsOf[target] = BORN;
        opinions[target] = Opinion(0, 0, 0, true);
        emit Ended(target);
        (, released) = releaseTarget(target);
    }

    /// @inheritdoc IBreakerHub
    function release(address target) external returns (bool released) {
        requireRegistry();
        uint8 rung = rungOf(target);
        require(rung == 0, StillTripped(target, rung));
        bool ran;
        (ran, released) = releaseTarget(target);
        require(ran, ReleaseFailed(target));
    }

    /* INTERNAL */

    function requireRegistry() internal view {
        require(msg.sender == REGISTRY, NotRegistry(msg.sender));
    }

    /// @notice Trips a rung for `life` from now, though no later than `longest` after its first.
    /// @param content Leaves a rung as it is, and the target too, that cannot be extended: somebody else's trip is no
    /// reason to hear nobody.
    function extend(
        address target,
        uint8 rung,
        uint32 life,
        uint256 longest,
        bool content
    ) internal returns (uint64 until) {
        uint256 trips = tripsOf[target];
        uint256 former;
        uint256 newEnd;
        bool isLong;
        // Times are 40 bits, lives 32, and a rung is at most 3.
        unchecked {
            uint256 shift = TRIP_BITS * (rung - 1);
            uint256 first = (trips >> shift) & TIME_MASK;
            former = (trips >> (shift + TIME_BITS)) & TIME_MASK;
            if (former <= block.timestamp) first = block.timestamp;
            else isLong = 2 * (former - block.timestamp) > life;
            newEnd = block.timestamp + life;
            if (newEnd > first + longest) newEnd = first + longest;
            trips = (trips & ~(TRIP_MASK << shift)) | (first << shift) | (newEnd << (shift + TIME_BITS));
        }
        if (content && (isLong || newEnd <= former)) return uint64(former);
        require(!isLong, TripStillLong(target, rung, uint64(former)));
        require(newEnd > former, LongestLifeReached(target, rung, uint64(former)));
        tripsOf[target] = trips;
        until = uint64(newEnd);
        tripTarget(target, rung, until, TARGET_GAS);
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

    function requireReleased(address target, uint8 rung) internal {
        (bool ran, bool released) = releaseTarget(target);
        require(ran, ReleaseFailed(target));
        uint8 found = readRung(target);
        require(released && found == 0, ReleaseHadNoEffect(target, rung, found));
    }

    function releaseTarget(address target) internal returns (bool ran, bool released) {
        requireTargetGas();
        uint256 size;
        uint256 word;
        (ran, size, word) = callTarget(target, abi.encodeCall(IBreaker.release, ()), TARGET_GAS);
        released = ran && size >= 0x20 && word == 1;
        if (released) emit Released(target);
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
        uint256 trips = tripsOf[target];
        for (uint8 rung = 3; rung != 0; --rung) {
            if (((trips >> (TRIP_BITS * (rung - 1) + TIME_BITS)) & TIME_MASK) > block.timestamp) return rung;
        }
        return 0;
    }

    /// @inheritdoc IBreakerHub
    function tripOf(address target, uint8 rung) external view returns (Trip memory) {
        require(rung != 0 && rung <= HIGHEST_RUNG, RungUnknown(rung));
        uint256 word = tripsOf[target] >> (TRIP_BITS * (rung - 1));
        return Trip(uint64(word & TIME_MASK), uint64((word >> TIME_BITS) & TIME_MASK));
    }

    /// @inheritdoc IBreakerHub
    function opinionOf(address target) external view returns (Opinion memory) {
        return opinions[target];
    }

    /// @inheritdoc IBreakerHub
    function longestLife(uint8 rung) public pure returns (uint32) {
        require(rung != 0 && rung <= HIGHEST_RUNG, RungUnknown(rung));
        return rung == 2 ? 6 hours : 24 hours;
    }
}
