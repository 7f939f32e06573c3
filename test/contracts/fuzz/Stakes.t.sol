// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Stakes} from "../../../contracts/src/Stakes.sol";
import {StakeMoves} from "./StakeMoves.sol";
import {VM, within} from "./Vm.sol";

/// @notice Whatever watchers, accusers and whoever enforces do, and whenever.
/// @dev What holds for each act, above all that nobody withdraws while slashable, is required where it is done: an act
/// that reverts fails the run.
contract StakesTest {
    error StakeDiffers(uint256 left, uint256 staked);
    error BalanceDiffers(uint256 balance, uint256 owed);
    error TokensDiffer(uint256 brought, uint256 found);
    error BurntTooLittle(uint256 burnt, uint256 rewarded);
    error PriceDiffers(uint256 stake, uint256 charged);

    StakeMoves internal moves;

    function setUp() external {
        VM.warp(1_700_000_000);
        VM.roll(1_000);
        moves = new StakeMoves();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(moves);
    }

    function invariant_every_stake_is_whole_but_for_what_was_slashed() external view {
        (uint256 staked, ) = moves.watchers().owed();
        require(moves.left() == staked, StakeDiffers(moves.left(), staked));
    }

    function invariant_watchers_hold_to_the_wei_what_they_owe() external view {
        (uint256 staked, uint256 forfeited) = moves.watchers().owed();
        uint256 balance = moves.token().balanceOf(address(moves.watchers()));
        require(balance == staked + forfeited, BalanceDiffers(balance, staked + forfeited));
        uint256 promised = moves.court().unburnt() + moves.court().rewardOf(address(moves));
        require(forfeited == promised, BalanceDiffers(forfeited, promised));
    }

    function invariant_what_was_brought_is_held_withdrawn_rewarded_or_burnt() external view {
        uint256 burnt = moves.token().balanceOf(address(0xdEaD));
        uint256 rewarded = moves.token().balanceOf(address(moves));
        uint256 found = moves.token().balanceOf(address(moves.watchers())) + moves.taken() + burnt + rewarded;
        require(found == moves.brought(), TokensDiffer(moves.brought(), found));
    }

    function invariant_at_least_half_of_what_was_taken_burns() external view {
        uint256 burnt = moves.token().balanceOf(address(0xdEaD)) + moves.court().unburnt();
        uint256 rewarded = moves.token().balanceOf(address(moves)) + moves.court().rewardOf(address(moves));
        require(burnt >= rewarded, BurntTooLittle(burnt, rewarded));
    }

    /// @dev The plain words: a twentieth, rounded up.
    function testFuzz_a_price_is_no_wei_less_than_its_part(uint256 stake) external pure {
        stake = within(stake, 0, type(uint128).max);
        uint256 charged = Stakes.price(stake, false);
        bool rounded = charged * 20 >= stake && charged * 20 < stake + 20;
        require(rounded && Stakes.price(stake, true) == stake, PriceDiffers(stake, charged));
    }
}
