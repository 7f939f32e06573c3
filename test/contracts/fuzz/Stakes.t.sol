// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Stakes} from "../../../contracts/src/Stakes.sol";
import {StakeMoves} from "./StakeMoves.sol";
import {next, VM, within} from "./Vm.sol";

/// @notice Whatever watchers, accusers and whoever enforces do, and whenever.
/// @dev What holds for each act, above all that nobody withdraws while slashable, is required where it is done: an act
/// that reverts fails the run.
contract StakesTest {
    error StakeDiffers(uint256 left, uint256 staked);
    error BalanceDiffers(uint256 balance, uint256 owed);
    error TokensDiffer(uint256 brought, uint256 found);
    error BurntTooLittle(uint256 burnt, uint256 rewarded);
    error PriceDiffers(uint256 stake, uint256 charged);

    uint256 internal constant ACTS = 60;

    StakeMoves internal moves;

    function setUp() external {
        VM.warp(1_700_000_000);
        VM.roll(1_000);
        moves = new StakeMoves();
    }

    /// @dev Rows of acts drawn from one seed, everything held after each: the runner does not find a contract whose
    /// creation code is this long among those to call.
    function testFuzz_stake_is_conserved_to_the_wei_and_nobody_withdraws_while_slashable(uint256 seed) external {
        for (uint256 acts; acts < ACTS; ++acts) {
            seed = next(seed);
            act(seed % 20, next(seed));
            requireStakesWhole();
            requireOwedHeld();
            requireTokensFound();
            requireHalfBurnt();
        }
    }

    function requireStakesWhole() internal view {
        (uint256 staked, ) = moves.watchers().owed();
        require(moves.left() == staked, StakeDiffers(moves.left(), staked));
    }

    function requireOwedHeld() internal view {
        (uint256 staked, uint256 forfeited) = moves.watchers().owed();
        uint256 balance = moves.token().balanceOf(address(moves.watchers()));
        require(balance == staked + forfeited, BalanceDiffers(balance, staked + forfeited));
        uint256 promised = moves.court().unburnt() + moves.court().rewardOf(address(moves)) + moves.pooled();
        require(forfeited == promised, BalanceDiffers(forfeited, promised));
    }

    function requireTokensFound() internal view {
        uint256 burnt = moves.token().balanceOf(address(0xdEaD));
        uint256 rewarded = moves.token().balanceOf(address(moves)) + moves.compensated();
        uint256 found = moves.token().balanceOf(address(moves.watchers())) + moves.taken() + burnt + rewarded;
        require(found == moves.brought(), TokensDiffer(moves.brought(), found));
    }

    function requireHalfBurnt() internal view {
        uint256 burnt = moves.token().balanceOf(address(0xdEaD)) + moves.court().unburnt();
        uint256 rewarded = moves.token().balanceOf(address(moves)) + moves.court().rewardOf(address(moves));
        uint256 compensated = moves.compensated() + moves.pooled();
        require(burnt >= rewarded + compensated, BurntTooLittle(burnt, rewarded + compensated));
    }

    /// @dev Joining, opening and waiting are as likely as they must be for the others to find something.
    function act(uint256 which, uint256 seed) internal {
        if (which < 3) moves.join(seed >> 16, seed);
        else if (which == 3) moves.rotate(seed);
        else if (which == 4) moves.exit(seed);
        else if (which < 7) moves.withdraw(seed);
        else if (which < 10) moves.openEpoch();
        else if (which < 12) moves.convict(seed >> 16, uint8(seed), seed & 0x100 != 0);
        else if (which < 14) moves.enforce(seed);
        else if (which == 14) moves.settle(seed % 2 == 0);
        else if (which < 17) moves.redress(seed >> 16, uint64(seed));
        else if (which == 17) moves.close(seed);
        else if (which == 18) moves.compensate(seed);
        else moves.wait(seed);
    }

    /// @dev The plain words: a twentieth, rounded up.
    function testFuzz_a_price_is_no_wei_less_than_its_part(uint256 stake) external pure {
        stake = within(stake, 0, type(uint128).max);
        uint256 charged = Stakes.price(stake, false);
        bool rounded = charged * 20 >= stake && charged * 20 < stake + 20;
        require(rounded && Stakes.price(stake, true) == stake, PriceDiffers(stake, charged));
    }
}
