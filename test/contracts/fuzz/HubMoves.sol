// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardedSample} from "../../../contracts/harness/GuardedSample.sol";
import {BreakerHub} from "../../../contracts/src/BreakerHub.sol";
import {IBreakerHub} from "../../../contracts/src/interfaces/IBreakerHub.sol";
import {elapse, sized, VM, within} from "./Vm.sol";

/// @notice A registry that trips, opines and ends at random over one target, and keeps its own account of each.
contract HubMoves {
    error Outlived(uint8 rung, uint256 first, uint256 until);
    error RaisedAlone(bytes6 family, bytes6 last, uint256 blocks);
    error NotRaised(bytes6 family, bytes6 last);
    error NotCleared(uint8 hub, uint8 target);
    error Shortened(uint8 rung, uint256 before, uint256 found);

    uint256 internal constant WINDOW = 300;

    BreakerHub public immutable HUB = new BreakerHub();
    GuardedSample public immutable TARGET = new GuardedSample(address(HUB), address(this));
    /// @notice Of each rung's trip in force, when it began and when it is over.
    uint256[4] public firsts;
    uint256[4] public untils;

    /* The opinion that lives: of whom, since which block, until when. */
    bytes6 internal family;
    uint256 internal height;
    uint256 internal until;

    constructor() {
        HUB.enrol(address(TARGET));
    }

    /* MOVES */

    function trip(uint8 rung, uint32 life) external {
        rung = 1 + (rung % 3);
        try HUB.trip(address(TARGET), rung, lifeOf(life)) returns (uint64 end_) {
            keep(rung, end_);
        } catch {}
    }

    function opine(uint8 who, uint32 life) external {
        bytes6 speaker = bytes6(uint48(1 + (who % 3)));
        bool alive = until > VM.getBlockTimestamp();
        bool raising = alive && speaker != family && VM.getBlockNumber() - height <= WINDOW;
        try HUB.opine(address(TARGET), lifeOf(life), speaker) returns (uint64 end_, uint8 tripped) {
            if (tripped == 3) require(raising, RaisedAlone(speaker, family, VM.getBlockNumber() - height));
            else require(!raising, NotRaised(speaker, family));
            if (tripped != 3)
                (family, height, until) = (speaker, VM.getBlockNumber(), VM.getBlockTimestamp() + lifeOf(life));
            keep(tripped, end_);
        } catch {}
    }

    /// @dev The owner's: always clears.
    function end() external {
        HUB.end(address(TARGET));
        bool cleared = HUB.rungOf(address(TARGET)) == 0 && TARGET.rung() == 0;
        require(cleared, NotCleared(HUB.rungOf(address(TARGET)), TARGET.rung()));
        delete firsts;
        delete untils;
        until = 0;
    }

    function release() external {
        try HUB.release(address(TARGET)) {} catch {}
    }

    function wait(uint256 time, uint256 blocks) external {
        elapse(within(time, 0, sized(time, 17)));
        VM.roll(VM.getBlockNumber() + within(blocks, 0, 400));
    }

    /* INTERNAL */

    /// @dev A trip begins where none is in force, and is never cut short by another.
    function keep(uint8 rung, uint256 end_) internal {
        uint256 now_ = VM.getBlockTimestamp();
        if (untils[rung] <= now_) firsts[rung] = now_;
        else require(end_ >= untils[rung], Shortened(rung, untils[rung], end_));
        untils[rung] = end_;
        require(end_ <= firsts[rung] + HUB.longestLife(rung), Outlived(rung, firsts[rung], end_));
    }

    function lifeOf(uint32 seed) internal pure returns (uint32) {
        return uint32(within(seed, 1, 2 days));
    }
}
