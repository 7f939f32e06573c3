// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AaveV3Breaker} from "../../../contracts/src/adapters/AaveV3Breaker.sol";
import {Class} from "../../../contracts/src/Types.sol";
import {IBreakerHub} from "../../../contracts/src/interfaces/IBreakerHub.sol";
import {AaveMarket} from "./AaveMarket.sol";
import {elapse, made, next, VM, within} from "./Vm.sol";

/// @notice Two equal markets, of which one has a breaker. Their owner does the same to both: once released, they are equal.
contract AaveReleaseTest {
    error NotRestored(uint256 reserve, uint256 expected, uint256 found);
    error RungDiffers(uint8 expected, uint8 found);

    uint256 internal constant FROZEN = 1 << 57;
    uint256 internal constant BORROWABLE = 1 << 58;
    uint256 internal constant OPEN = (1 << 56) | BORROWABLE;

    AaveMarket internal guarded;
    AaveMarket internal plain;
    AaveV3Breaker internal breaker;
    IBreakerHub internal hub;
    address[] internal assets;

    /// @dev Trips, eases and ends alone.
    function testFuzz_a_release_puts_back_all_that_was_changed(uint256 seed, bool hidesLtv) external {
        open(seed, hidesLtv);
        for (uint256 i; i < 8; ++i) {
            seed = next(seed);
            guard(seed);
        }
        finish();
    }

    /// @dev And an owner who sets other values than a trip does, at any time, has them.
    function testFuzz_a_release_leaves_what_somebody_else_has_changed(uint256 seed, bool hidesLtv) external {
        open(seed, hidesLtv);
        for (uint256 i; i < 16; ++i) {
            seed = next(seed);
            if (seed & 1 == 0) guard(seed >> 1);
            else own(seed >> 1);
        }
        finish();
    }

    function testFuzz_a_freeze_is_answered_and_ended(uint256 seed, bool hidesLtv) external {
        open(seed & ~uint256(0xff), hidesLtv);
        bool any;
        for (uint256 i; i < assets.length; ++i)
            any = any || plain.getConfiguration(assets[i]) & (OPEN | FROZEN) == OPEN;
        if (!any) return;
        hub.trip(address(breaker), 3, 1 hours, Class.A);
        require(breaker.rung() == 3, RungDiffers(3, breaker.rung()));
        for (uint256 i; i < assets.length; ++i) {
            uint256 word = guarded.getConfiguration(assets[i]);
            require(word & (OPEN | FROZEN) != OPEN, NotRestored(i, word | FROZEN, word));
        }
        finish();
        require(breaker.rung() == 0, RungDiffers(0, breaker.rung()));
    }

    /* INTERNAL */

    function open(uint256 seed, bool hidesLtv) internal {
        VM.warp(1_700_000_000);
        (guarded, plain, hub) = (
            new AaveMarket(hidesLtv),
            new AaveMarket(hidesLtv),
            IBreakerHub(made("BreakerHub", ""))
        );
        uint256 count = within(seed, 1, 8);
        for (uint256 i; i < count; ++i) {
            seed = next(seed);
            address asset = address(uint160(0xa000 + i));
            assets.push(asset);
            uint256 word = wordOf(seed);
            guarded.list(asset, word);
            plain.list(asset, word);
        }
        breaker = AaveV3Breaker(
            made(
                "AaveV3Breaker",
                abi.encode(hub, this, guarded, assets, within(next(seed), 1, 10_000), (seed >> 8) & 1 == 1)
            )
        );
        hub.enrol(address(breaker));
    }

    /// @dev Trips, or lets time pass and ends what is over.
    function guard(uint256 seed) internal {
        uint256 kind = seed % 6;
        uint32 life = uint32(within(seed >> 8, 1, 6 hours));
        if (kind < 3) {
            // What is tripped for long already, or has nothing to stop, is refused.
            try hub.trip(address(breaker), uint8(kind + 1), life, Class.A) {} catch {}
        } else if (kind == 3) {
            elapse(life);
        } else if (kind == 4) {
            try breaker.ease() {} catch {}
        } else {
            try hub.release(address(breaker), uint8(1 + ((seed >> 40) % 3))) {} catch {}
        }
    }

    /// @dev What the breaker says that it takes for its own is left out: a borrow cap of one token, its own loan-to-value, and
    /// a freeze of what it froze, and a pause of what it paused.
    function own(uint256 seed) internal {
        uint256 index = (seed >> 8) % assets.length;
        address asset = assets[index];
        uint256 kind = seed % 4;
        seed = next(seed);
        if (kind == 0) {
            uint256 cap = seed % 4 == 0 ? 0 : within(seed, 2, type(uint32).max);
            guarded.setBorrowCap(asset, cap);
            plain.setBorrowCap(asset, cap);
        } else if (kind == 1) {
            bool freeze = seed & 1 == 1 && (breaker.ours() >> index) & 1 == 0;
            guarded.setReserveFreeze(asset, freeze);
            plain.setReserveFreeze(asset, freeze);
        } else if (kind == 2) {
            uint256 ltv = within(seed >> 16, 0, 9_000);
            if (ltv == breaker.kept(index).lowered) ++ltv;
            uint256 threshold = within(seed >> 64, ltv, 9_500);
            guarded.configureReserveAsCollateral(asset, ltv, threshold, 10_500);
            plain.configureReserveAsCollateral(asset, ltv, threshold, 10_500);
        } else {
            guarded.list(asset, guarded.getConfiguration(asset) ^ BORROWABLE);
            plain.list(asset, plain.getConfiguration(asset) ^ BORROWABLE);
        }
    }

    /// @dev The owner ends every trip; what it keeps frozen itself is put back once it has thawed that.
    function finish() internal {
        hub.end(address(breaker));
        requireEqual();
        for (uint256 i; i < assets.length; ++i) {
            guarded.setReserveFreeze(assets[i], false);
            plain.setReserveFreeze(assets[i], false);
        }
        for (uint8 rung = 3; rung != 0; --rung) hub.release(address(breaker), rung);
        requireEqual();
    }

    function requireEqual() internal view {
        for (uint256 i; i < assets.length; ++i) {
            (uint256 expected, uint256 found) = (
                plain.getConfiguration(assets[i]),
                guarded.getConfiguration(assets[i])
            );
            require(found == expected, NotRestored(i, expected, found));
        }
    }

    /// @dev One in four is closed to borrowing or frozen, one in eight is capped as a trip would.
    function wordOf(uint256 seed) internal pure returns (uint256 word) {
        uint256 ltv = (seed >> 16) % 8 == 0 ? 0 : within(seed >> 32, 1, 9_000);
        uint256 threshold = within(seed >> 64, ltv, 9_500);
        uint256 cap = (seed >> 20) % 8;
        if (cap > 1) cap = within(seed >> 128, 2, type(uint32).max);
        word = ltv | (threshold << 16) | (10_500 << 32) | (cap << 80) | OPEN;
        if (seed % 8 == 0) word ^= BORROWABLE;
        if (seed % 8 == 1) word |= FROZEN;
    }
}
