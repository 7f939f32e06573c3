// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Sets a word for each of 16 markets when tripped, and clears them when released.
contract ClearingTarget {
    uint256 internal constant MARKETS = 16;

    address public immutable hub;
    address public immutable guardian;
    uint8 public rung;
    mapping(uint256 market => uint256) internal pending;

    constructor(address hub_, address guardian_) {
        (hub, guardian) = (hub_, guardian_);
    }

    function trip(uint8 rung_, uint64) external {
        rung = rung_;
        for (uint256 market; market < MARKETS; ++market) pending[market] = 1;
    }

    function release(uint8 rung_) external returns (bool) {
        if (rung_ != rung) return false;
        rung = 0;
        for (uint256 market; market < MARKETS; ++market) delete pending[market];
        return true;
    }
}
