// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../src/interfaces/IBreaker.sol";

/// @notice A target that misbehaves as it is told to, separately when tripped, asked and released.
contract HostileTarget is IBreaker {
    enum Way {
        Honest,
        Revert,
        /// Spends all the gas it is given.
        Burn,
        /// Answers with as much as its gas can pay for.
        Bomb,
        /// Does nothing; or, asked, says rung 0.
        Idle,
        /// Asked, says a rung there is not; released, answers a word that is no bool.
        Nonsense,
        /// Calls back with the payload, and keeps what came of it.
        Reenter,
        /// Answers with nothing at all.
        Silent
    }

    address public hub;
    address public guardian;
    Way public whenTripped;
    Way public whenAsked;
    Way public whenReleased;
    address internal victim;
    bytes internal payload;
    bool public reentered;
    bytes public answer;
    uint256 public gasGiven;
    uint8 internal current;

    constructor(address hub_, address guardian_) {
        (hub, guardian) = (hub_, guardian_);
    }

    receive() external payable {}

    function behave(Way tripped, Way asked, Way released) external {
        (whenTripped, whenAsked, whenReleased) = (tripped, asked, released);
    }

    function aim(address victim_, bytes calldata payload_) external {
        (victim, payload) = (victim_, payload_);
    }

    function trip(uint8 rung_, uint64) external {
        gasGiven = gasleft();
        misbehave(whenTripped);
        if (whenTripped != Way.Idle) current = rung_;
    }

    function release(uint8 rung_) external returns (bool changed) {
        misbehave(whenReleased);
        if (whenReleased == Way.Nonsense) {
            assembly {
                mstore(0, 2)
                return(0, 0x20)
            }
        }
        changed = current == rung_;
        if (changed) current = 0;
    }

    function rung() external view returns (uint8) {
        if (whenAsked == Way.Honest) return current;
        if (whenAsked == Way.Idle) return 0;
        if (whenAsked == Way.Nonsense) {
            assembly {
                mstore(0, 0x103)
                return(0, 0x20)
            }
        }
        look(whenAsked);
        return current;
    }

    function misbehave(Way way) internal {
        if (way == Way.Reenter) (reentered, answer) = victim.call(payload);
        else look(way);
    }

    function look(Way way) internal view {
        require(way != Way.Revert, RungUnsupported(0));
        if (way == Way.Burn) while (true) {}
        if (way == Way.Bomb) {
            assembly {
                return(0, 600000)
            }
        }
        if (way == Way.Silent) {
            assembly {
                return(0, 0)
            }
        }
    }
}
