// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../../contracts/src/Types.sol";
import {Offence} from "../../../contracts/src/interfaces/IJudge.sol";
import {PayWorld} from "./PayWorld.sol";
import {elapse, next, sized, VM, within} from "./Vm.sol";

/// @notice Watchers who trip by a lie a target that is their own, and prove it themselves.
contract SelfTrip is PayWorld {
    /// @notice What they asked to be compensated with.
    uint256 public due;

    constructor(uint256[OPERATORS] memory stakes) PayWorld(stakes) {}

    /// @notice All that the gang does. What it had is what was staked by those who lie, and `premium`.
    /// @param mask Seats of those who lie.
    /// @param both Trips the other coverage too, which pays nothing.
    /// @param ends The owner ends it after `waited` seconds.
    function run(uint256 mask, uint256 premium, uint256 calls, uint256 waited, bool both, bool ends) external {
        bytes32 id = ids[0];
        fund(payroll, id, premium);
        VM.prank(OWNER);
        terms.name(id, uint96(premium / calls), 0, 0, address(0));
        VM.roll(VM.getBlockNumber() + NOTICE + 1);
        for (uint256 i; i < calls; ++i) {
            Verdict memory verdict = verdictOf(id, false, false);
            bookCall(verdict, mask);
            VM.roll(VM.getBlockNumber() + 1);
        }
        VM.roll(VM.getBlockNumber() + 33);
        for (uint256 who; who < OPERATORS; ++who) {
            try payroll.claim(operatorOf(who), id, type(uint256).max) {} catch {}
        }
        // Of premiums those of former weeks count.
        elapse(1 weeks);
        openEpoch();
        trip(id, true, mask);
        if (both) trip(ids[1], true, mask);
        elapse(waited);
        if (ends) end(id);
        elapse(LIFE);
        for (uint256 which; which < (both ? 2 : 1); ++which) court.redress(0, abi.encode(offenceOf(which, mask)));
        due = court.poolOf(committee.latestEpoch()).due;
        convict(offenceOf(0, mask));
        settle(both);
    }

    function settle(bool both) private {
        uint64 epoch = committee.latestEpoch();
        VM.warp(court.deadlineOf(epoch));
        court.close(epoch);
        court.reward(address(this));
        for (uint256 which; which < (both ? 2 : 1); ++which) {
            try court.compensate(epoch, ids[which]) {} catch {}
        }
        VM.prank(OWNER);
        payroll.askWithdrawal(ids[0], type(uint96).max);
        VM.roll(VM.getBlockNumber() + NOTICE);
        VM.prank(OWNER);
        payroll.withdraw(ids[0]);
    }

    function offenceOf(uint256 which, uint256 mask) private view returns (Offence memory) {
        Trip storage told = trips[ids[which]][0];
        uint64 epoch = told.verdict.epoch;
        return Offence(epoch, [mask, 0], ids[which], 3, told.incident.trippedAt, told.incident.end);
    }

    /// @notice What the gang holds: this contract, which proves, the owner, and those who lied.
    function purse(uint256 mask) external view returns (uint256 sum) {
        sum = token.balanceOf(address(this)) + token.balanceOf(OWNER);
        for (uint256 who; who < OPERATORS; ++who) if ((mask >> who) & 1 == 1) sum += token.balanceOf(operatorOf(who));
    }
}

/// @notice No self-trip profits, whatever premium was paid before, and however long it lasted.
contract PayProfitTest {
    error Profitable(uint256 staked, uint256 premium, uint256 held);
    error StakeKept(uint256 staked, uint256 burnt);
    error NothingDue(uint256 premium);

    SelfTrip internal gang;

    /// @dev The worst that there is: the gang is all who sign, is paid all of its premium back, owns whatever is stopped, and
    /// takes the reward too.
    function testFuzz_no_self_trip_profits(uint256 seed, uint64 waited, bool both, bool ends) external {
        VM.warp(1_700_000_000);
        VM.roll(1_000);
        uint256[6] memory stakes;
        uint256 staked;
        // Four or more of six: by the weights that are drawn always more than two thirds.
        uint256 mask = 0x1f | ((seed & 1) << 5);
        for (uint256 who; who < 6; ++who) {
            stakes[who] = within(next(seed ^ who), 100_000, 120_000);
            if ((mask >> who) & 1 == 1) staked += stakes[who];
        }
        gang = new SelfTrip(stakes);
        uint256 premium = sized(next(seed), 90);
        uint256 stopped = within(waited, 0, 8 hours);
        gang.run(mask, premium, within(seed >> 8, 1, 6), stopped, both, ends);
        bool isLittle = premium < 2 ** 24 || (ends && stopped < 10 minutes);
        require(isLittle || gang.due() != 0, NothingDue(premium));
        uint256 burnt = gang.court().unburnt();
        require(2 * burnt >= staked, StakeKept(staked, burnt));
        uint256 held = gang.purse(mask);
        // What it lost is at least what was burnt.
        require(held + burnt <= staked + premium, Profitable(staked, premium, held));
    }
}
