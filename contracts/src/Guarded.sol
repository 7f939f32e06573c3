// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "./interfaces/IBreaker.sol";

/// @notice Mixin for new code: what the hub trips is stopped at once and goes on by itself when the trip expires.
/// @dev Role: none; the hub can only make functions marked `whenBelow` revert. Worst use: it stops them for as long as
/// the rung lives. Warning: a function without the modifier is not stopped.
abstract contract Guarded is IBreaker {
    error Stopped(uint8 rung, uint8 below);

    /// @inheritdoc IBreaker
    address public immutable hub;
    /// @dev Timestamp each rung's trip expires at, the rung being the index; one storage slot.
    uint64[4] internal untilOf;

    /// @notice Lets the function run only while no rung from `rung_` up is in force.
    modifier whenBelow(uint8 rung_) {
        uint8 found = rung();
        require(found < rung_, Stopped(found, rung_));
        _;
    }

    constructor(address hub_) {
        hub = hub_;
    }

    /// @inheritdoc IBreaker
    function trip(uint8 rung_, uint64 until) external {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ != 0 && rung_ < untilOf.length, RungUnsupported(rung_));
        untilOf[rung_] = until;
    }

    /// @inheritdoc IBreaker
    function release(uint8 rung_) external returns (bool changed) {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ != 0 && rung_ < untilOf.length, RungUnsupported(rung_));
        changed = untilOf[rung_] > block.timestamp;
        delete untilOf[rung_];
    }

    /// @inheritdoc IBreaker
    function rung() public view returns (uint8) {
        uint64[4] memory untils = untilOf;
        for (uint8 rung_ = 3; rung_ != 0; --rung_) if (untils[rung_] > block.timestamp) return rung_;
        return 0;
    }

    /// @inheritdoc IBreaker
    function guardian() public view virtual returns (address);
}
