// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LeakyVault} from "../../../contracts/devnet/LeakyVault.sol";
import {Token} from "../../../contracts/devnet/Token.sol";
import {VaultDrainer} from "../../../contracts/devnet/VaultDrainer.sol";
import {IOutflowLimiter} from "../../../contracts/src/interfaces/IOutflowLimiter.sol";
import {elapse, made, next, sized, VM, within} from "./Vm.sol";

/// @notice Thieves with any money at a vault that is broken, whose limiter was armed in advance. This contract is its hub.
contract VaultDrainTest {
    error TooLittleKept(uint256 held, uint256 kept);
    error TooMuchTaken(uint256 held, uint256 taken);
    error Unbacked(uint256 balance, uint256 totalAssets);
    error TooTame(uint256 allowed, uint256 taken);

    uint256 internal constant PERIOD = 1 days;
    address internal constant USER = address(0xb0b);

    Token internal token;
    LeakyVault internal vault;
    VaultDrainer[3] internal drainers;

    function setUp() external {
        VM.warp(1_700_000_000);
        token = Token(made("Token", abi.encode("Dollars", "USD", 6)));
        vault = LeakyVault(
            made(
                "LeakyVault",
                abi.encode(this, this, token, IOutflowLimiter.OutflowSettings(uint32(PERIOD), 2_000, 500, 10_000))
            )
        );
        for (uint256 i; i < 3; ++i) drainers[i] = VaultDrainer(made("VaultDrainer", abi.encode(vault)));
    }

    /// @dev Any number of strikes of any size in one second, from three contracts, an armed vault being tripped in between or
    /// not: what the thieves are left with beyond their own money is a fifth at most.
    function testFuzz_a_drain_leaves_four_fifths(uint256 held, uint256 seed) external {
        held = fill(held);
        uint256 brought;
        for (uint256 i; i < 8; ++i) {
            seed = next(seed);
            // Around what would just pass, or anything.
            uint256 assets = seed & 1 == 0 ? sized(seed >> 16, 110) : within(seed >> 16, 1, held);
            brought += strike(drainers[seed % 3], assets, within(seed >> 8, 1, 9));
            if (seed % 11 == 0) vault.trip(2, uint64(VM.getBlockTimestamp() + 1 hours));
        }
        requireKept(held, brought);
    }

    /// @dev And the largest that is let out at once, for any number of redemptions, does take most of its bound.
    function testFuzz_the_best_drain_leaves_four_fifths(uint256 held, uint256 times) external {
        held = fill(held);
        times = within(times, 2, 12);
        (uint256 low, uint256 high) = (1, held);
        while (high - low > 1 + held / 1_000) {
            uint256 middle = (low + high) / 2;
            if (wouldPass(middle, times)) low = middle;
            else high = middle;
        }
        uint256 brought = strike(drainers[0], low, times);
        requireKept(held, brought);
        uint256 taken = token.balanceOf(address(drainers[0])) - brought;
        require(held < 1e6 || taken >= held / 8, TooTame(held / 5, taken));
    }

    /* INTERNAL */

    function fill(uint256 held) internal returns (uint256) {
        held = sized(held, 100);
        token.mint(USER, held);
        VM.prank(USER);
        token.approve(address(vault), held);
        VM.prank(USER);
        vault.deposit(held);
        elapse(PERIOD);
        return held;
    }

    /// @return brought What the thief paid for it, and nothing when it was refused.
    function strike(VaultDrainer drainer, uint256 assets, uint256 times) internal returns (uint256 brought) {
        token.mint(address(drainer), assets);
        try drainer.strike(assets, times) {} catch {}
        return assets;
    }

    /// @dev Tried, and undone by its revert.
    function wouldPass(uint256 assets, uint256 times) internal returns (bool) {
        try this.rehearse(assets, times) {} catch (bytes memory reason) {
            return reason.length == 0;
        }
        return false;
    }

    function rehearse(uint256 assets, uint256 times) external {
        token.mint(address(drainers[0]), assets);
        drainers[0].strike(assets, times);
        revert();
    }

    function requireKept(uint256 held, uint256 brought) internal view {
        uint256 kept = vault.totalAssets();
        require(kept * 5 >= held * 4, TooLittleKept(held, kept));
        require(token.balanceOf(address(vault)) >= kept, Unbacked(token.balanceOf(address(vault)), kept));
        uint256 owned;
        for (uint256 i; i < 3; ++i) owned += token.balanceOf(address(drainers[i]));
        require(owned <= brought + held / 5, TooMuchTaken(held, owned - brought));
    }
}
