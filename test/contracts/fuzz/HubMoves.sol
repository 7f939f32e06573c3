// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardedSample} from "../../../contracts/harness/GuardedSample.sol";
import {Class} from "../../../contracts/src/Types.sol";
import {IBreakerHub} from "../../../contracts/src/interfaces/IBreakerHub.sol";
import {elapse, made, sized, VM, within} from "./Vm.sol";

/// @notice A registry that trips by class, by proof and by opinion, ends and releases at random over one target, and keeps its own account of each.
contract HubMoves {
    error Outlived(uint8 rung, uint256 first, uint256 until);
    error RaisedAlone(bytes6 family, bytes6 last, uint256 blocks);
    error NotRaised(bytes6 family, bytes6 last);
    error NotCleared(uint8 hub, uint8 target);
    error Shortened(uint8 rung, uint256 before, uint256 found);
    error Overspent(uint8 rung, uint256 stopped, uint256 most);
    error ProofRefused(uint8 rung, uint256 end, uint256 provenAt);

    uint256 internal constant WINDOW = 300;
    uint256 internal constant COOL_DOWN = 1 hours;

    /// @notice A stretch of time in which a rung was stopped, charged to its budget.
    struct Stretch {
        uint256 from;
        uint256 to;
    }

    IBreakerHub public immutable HUB = IBreakerHub(made("BreakerHub", ""));
    GuardedSample public immutable TARGET = new GuardedSample(address(HUB), address(this));
    /// @notice Of each rung's trip in force, when it began and when it is over.
    uint256[4] public firsts;
    uint256[4] public untils;
    Stretch[][4] internal stretches;

    /// @dev A proof has tripped it: the bound of 7 days is for what others trip.
    bool[4] internal proven;

    /* The opinion that lives: of whom, since which block, until when. */
    bytes6 internal family;
    uint256 internal height;
    uint256 internal until;

    constructor() {
        HUB.enrol(address(TARGET));
    }

    /* MOVES */

    function trip(uint8 rung, uint32 life, uint8 class) external {
        rung = 1 + (rung % 3);
        try HUB.trip(address(TARGET), rung, lifeOf(life), Class(1 + (class % 3))) returns (uint64 end_) {
            keep(rung, end_);
            requireWithinBudget(rung);
        } catch {}
    }

    /// @dev After the end a proof is never refused, and never given less than its due.
    function prove(uint8 rung, uint32 life, uint32 age) external {
        rung = 1 + (rung % 3);
        uint256 now_ = VM.getBlockTimestamp();
        uint256 provenAt = now_ - within(age, 0, 400);
        uint256 former = HUB.tripOf(address(TARGET), rung).end;
        uint256 due = lifeOf(life) < 1 hours ? lifeOf(life) : 1 hours;
        try HUB.tripProven(address(TARGET), rung, lifeOf(life), uint64(provenAt)) returns (uint64 end_) {
            if (provenAt > former) require(end_ >= now_ + due, ProofRefused(rung, former, provenAt));
            // Of its own: what it is given beyond the budget is nobody else's.
            if (HUB.tripOf(address(TARGET), rung).first == now_) firsts[rung] = now_;
            keep(rung, end_);
            proven[rung] = true;
        } catch {
            require(provenAt <= former, ProofRefused(rung, former, provenAt));
        }
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
            requireWithinBudget(tripped);
        } catch {}
    }

    /// @dev The owner's: always clears.
    function end() external {
        HUB.end(address(TARGET));
        bool cleared = HUB.rungOf(address(TARGET)) == 0 && TARGET.rung() == 0;
        require(cleared, NotCleared(HUB.rungOf(address(TARGET)), TARGET.rung()));
        for (uint8 rung = 1; rung <= 3; ++rung) {
            uint256 count = stretches[rung].length;
            // What is not used is given back.
            for (uint256 i; i < count; ++i) {
                Stretch storage stretch = stretches[rung][i];
                if (stretch.to > VM.getBlockTimestamp()) stretch.to = VM.getBlockTimestamp();
                if (stretch.from > stretch.to) stretch.from = stretch.to;
            }
        }
        delete firsts;
        delete untils;
        until = 0;
    }

    function release(uint8 rung) external {
        try HUB.release(address(TARGET), 1 + (rung % 3)) {} catch {}
    }

    function enrol() external {
        HUB.enrol(address(TARGET));
    }

    function wait(uint256 time, uint256 blocks) external {
        elapse(within(time, 0, sized(time, 17)));
        VM.roll(VM.getBlockNumber() + within(blocks, 0, 400));
    }

    /* INTERNAL */

    /// @dev A trip begins where none is in force, and is never cut short by another.
    function keep(uint8 rung, uint256 end_) internal {
        uint256 now_ = VM.getBlockTimestamp();
        if (untils[rung] + COOL_DOWN <= now_) firsts[rung] = now_;
        if (untils[rung] > now_) require(end_ >= untils[rung], Shortened(rung, untils[rung], end_));
        uint256 from = untils[rung] > now_ ? untils[rung] : now_;
        if (end_ > from) stretches[rung].push(Stretch(from, end_));
        untils[rung] = end_;
        require(end_ <= firsts[rung] + HUB.longestLife(rung), Outlived(rung, firsts[rung], end_));
    }

    /// @dev Each window of 7 days that ends with a stretch; none in between holds more.
    function requireWithinBudget(uint8 rung) internal view {
        if (proven[rung]) return;
        uint256 most = rung == 2 ? 48 hours : 72 hours;
        uint256 to = untils[rung];
        uint256 from = to - 7 days;
        uint256 stopped;
        for (uint256 i; i < stretches[rung].length; ++i) {
            Stretch storage stretch = stretches[rung][i];
            uint256 begin = stretch.from > from ? stretch.from : from;
            if (stretch.to > begin) stopped += stretch.to - begin;
        }
        require(stopped <= most, Overspent(rung, stopped, most));
    }

    function lifeOf(uint32 seed) internal pure returns (uint32) {
        return uint32(within(seed, 1, 2 days));
    }
}
