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
    uint256 internal constant HIGHEST_RUNG = 3;

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

    /* TRIPPING */

    /// @inheritdoc IBreakerHub
    function enrol(address target) external {
        requireRegistry();
        tripsOf[target] |= BORN;
        emit Enrolled(target);
    }

    /// @inheritdoc IBreakerHub
    function trip(address target, uint8 rung, uint32 life) external returns (uint64 until) {
        requireRegistry();
        uint256 longest = longestLife(rung);
        uint256 trips = tripsOf[target];
        uint256 former;
        uint256 newEnd;
        // Times are 40 bits, lives 32, and a rung is at most 3.
        unchecked {
            uint256 shift = TRIP_BITS * (rung - 1);
            uint256 first = (trips >> shift) & TIME_MASK;
            former = (trips >> (shift + TIME_BITS)) & TIME_MASK;
            if (former <= block.timestamp) {
                first = block.timestamp;
            } else {
                require(2 * (former - block.timestamp) <= life, TripStillLong(target, rung, uint64(former)));
            }
            newEnd = block.timestamp + life;
            if (newEnd > first + longest) newEnd = first + longest;
            require(newEnd > former, LongestLifeReached(target, rung, uint64(former)));
            trips = (trips & ~(TRIP_MASK << shift)) | (first << shift) | (newEnd << (shift + TIME_BITS));
        }
        tripsOf[target] = trips;
        until = uint64(newEnd);
        requireTargetGas();
        (bool ran, , ) = callTarget(target, abi.encodeCall(IBreaker.trip, (rung, until)));
        require(ran, TripFailed(target, rung));
        uint8 found = readRung(target);
        require(found >= rung, TripHadNoEffect(target, rung, found));
    }

    /// @inheritdoc IBreakerHub
    function end(address target) external returns (bool released) {
        requireRegistry();
        tripsOf[target] = BORN;
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

    /// @dev A call is given at most 63/64 of the gas that is left, silently; asking a target what it did is a call too.
    function requireTargetGas() internal view {
        uint256 needed = ((TARGET_GAS + READ_GAS) * 64) / 63 + 20_000;
        require(gasleft() >= needed, GasShort(gasleft(), needed));
    }

    function releaseTarget(address target) internal returns (bool ran, bool released) {
        requireTargetGas();
        uint256 size;
        uint256 word;
        (ran, size, word) = callTarget(target, abi.encodeCall(IBreaker.release, ()));
        released = ran && size >= 0x20 && word == 1;
        if (released) emit Released(target);
    }

    /// @dev `target.call{gas: TARGET_GAS}(input)` that copies one word of the answer, however long it is.
    function callTarget(address target, bytes memory input) internal returns (bool ran, uint256 size, uint256 word) {
        assembly ("memory-safe") {
            mstore(0, 0)
            ran := call(TARGET_GAS, target, 0, add(input, 0x20), mload(input), 0, 0x20)
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
    function longestLife(uint8 rung) public pure returns (uint32) {
        require(rung != 0 && rung <= HIGHEST_RUNG, RungUnknown(rung));
        return rung == 2 ? 6 hours : 24 hours;
    }
}
