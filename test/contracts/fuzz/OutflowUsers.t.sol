// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GlassVault} from "./GlassVault.sol";
import {OutflowUsers} from "./OutflowUsers.sol";
import {elapse, VM} from "./Vm.sol";

/// @notice Whatever people, a market and an owner do at a limited vault, and whenever.
/// @dev What holds for each act is required where it is done: an act that reverts fails the run.
contract OutflowUsersTest {
    error BucketOverfull(address who, uint256 used);
    error CreditUnearned(address who, uint256 credit, uint256 fresh);
    error BaseAboveHoldings(uint256 base, uint256 holdings);
    error VaultShort(uint256 balance, uint256 totalAssets);
    error StillLocked(address who, uint256 asked, uint256 left);

    uint256 internal constant WHOLE = 1e18;

    OutflowUsers internal people;
    GlassVault internal vault;

    function setUp() external {
        VM.warp(1_700_000_000);
        people = new OutflowUsers();
        vault = people.VAULT();
        people.deposit(0, type(uint256).max / 3);
        people.wait(type(uint256).max);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(people);
    }

    function invariant_no_more_than_the_whole_of_a_bucket_is_used() external view {
        (, , uint256 used) = vault.tokenBucket();
        require(used <= WHOLE, BucketOverfull(address(0), used));
        for (uint256 i; i < 4; ++i) {
            (, used) = vault.accountBucket(people.users(i));
            require(used <= WHOLE, BucketOverfull(people.users(i), used));
        }
    }

    function invariant_credit_is_what_an_account_brought_lately() external view {
        for (uint256 i; i < 4; ++i) {
            address user = people.users(i);
            (uint256 credit, ) = vault.accountBucket(user);
            require(credit <= people.fresh(user), CreditUnearned(user, credit, people.fresh(user)));
        }
    }

    function invariant_bounds_are_shares_of_no_more_than_is_held() external view {
        (uint256 base, , ) = vault.tokenBucket();
        require(base <= vault.totalAssets(), BaseAboveHoldings(base, vault.totalAssets()));
    }

    function invariant_the_vault_holds_what_it_accounts_for() external view {
        uint256 balance = people.TOKEN().balanceOf(address(vault));
        require(balance >= vault.totalAssets(), VaultShort(balance, vault.totalAssets()));
    }

    /// @dev No rung lives longer than a day, and a flow has to see a gain; then each in turn is paid its whole part.
    function invariant_at_rest_everyone_is_paid_their_whole_share() external {
        elapse(1 days);
        if (vault.totalSupply() != 0) vault.redeem(0, address(0xdead));
        for (uint256 i; i < 4; ++i) {
            elapse(people.PERIOD());
            address user = people.users(i);
            uint256 whole = (((vault.totalAssets() * people.CALM_BPS()) / 10_000) * people.ACCOUNT_BPS()) / 10_000;
            uint256 left = people.leftOf(user);
            if (vault.totalAssets() < type(uint128).max) require(left >= whole, StillLocked(user, whole, left));
            uint256 shares = people.sharesFor(user, left);
            if (shares == 0) continue;
            VM.prank(user);
            vault.redeem(shares, user);
        }
    }
}
