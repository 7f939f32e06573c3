// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Guarded} from "../src/Guarded.sol";

/// @notice An ordinary target: three functions, one stopped at each rung.
contract GuardedSample is Guarded {
    address internal guard;
    uint256 public calls;

    constructor(address hub_, address guardian_) Guarded(hub_) {
        guard = guardian_;
    }

    function appoint(address guardian_) external {
        guard = guardian_;
    }

    function borrow() external whenBelow(1) {
        ++calls;
    }

    function withdraw() external whenBelow(2) {
        ++calls;
    }

    function deposit() external whenBelow(3) {
        ++calls;
    }

    function repay() external {
        ++calls;
    }

    function guardian() public view override returns (address) {
        return guard;
    }
}
