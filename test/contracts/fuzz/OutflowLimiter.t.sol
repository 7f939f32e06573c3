// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitedPurse} from "../../../contracts/harness/LimitedPurse.sol";
import {IOutflowLimiter} from "../../../contracts/src/interfaces/IOutflowLimiter.sol";
import {elapse, made, next, sized, VM, within} from "./Vm.sol";

/// @notice What a limiter of any settings lets out, for amounts from 1 to 2**128. This contract is its hub.
contract OutflowLimiterTest {
    error NotEven(uint256 time, uint256 expected, uint256 found);
    error Fell(uint256 before, uint256 found);
    error SplitGained(uint256 taken, uint256 allowed);
    error SplitLost(uint256 taken, uint256 allowed);
    error CreditOutside(uint256 low, uint256 found, uint256 high);
    error NotRestored(uint256 before, uint256 found);
    error StillLocked(uint256 rest, uint256 held);
    error Broke(bytes reason);

    address internal constant TOKEN = address(0x70);
    uint256 internal constant ALL_BPS = 10_000;
    uint256 internal constant WHOLE = 1e18;

    function setUp() external {
        VM.warp(1_700_000_000);
    }

    /// @dev The part of a bound that is unused grows by the same in any second until all of it is.
    function testFuzz_refills_evenly(uint256 seed, uint256 held, uint256 takenBps, uint256 time) external {
        (LimitedPurse purse, uint256 period, ) = seasoned(seed, sized(held, 128), ALL_BPS);
        (, uint256 bound, ) = purse.outflowLeft(TOKEN, address(1));
        purse.take(TOKEN, address(1), (bound * within(takenBps, 0, ALL_BPS)) / ALL_BPS);
        (uint256 start, uint256 whole, ) = purse.outflowLeft(TOKEN, address(1));
        (time, held) = (within(time, 0, 2 * period), start);
        for (uint256 i = 1; i <= 4; ++i) {
            elapse(time / 4);
            (uint256 left, , ) = purse.outflowLeft(TOKEN, address(1));
            require(left >= held, Fell(held, left));
            uint256 expected = start + (whole * ((time / 4) * i)) / period;
            if (expected > whole) expected = whole;
            uint256 grain = 2 + whole / WHOLE;
            require(left <= expected + grain && left + grain >= expected, NotEven((time / 4) * i, expected, left));
            held = left;
        }
    }

    /// @dev It loses, as the base falls with what is held, the square of the share over two at most.
    function testFuzz_one_account_gains_nothing_by_pieces(uint256 seed, uint256 held, uint256 cuts) external {
        (LimitedPurse purse, , ) = seasoned(seed, held = sized(held, 128), 0);
        // By a floor the bound stays, and not even the rounding is gained.
        if (cuts & 1 == 1) purse.setFloor(TOKEN, held);
        (uint256 whole, , ) = purse.outflowLeft(TOKEN, address(1));
        uint256 taken;
        uint256 pieces = 8;
        for (uint256 i; i < pieces; ++i) {
            (uint256 left, , ) = purse.outflowLeft(TOKEN, address(1));
            uint256 piece = i + 1 == pieces ? left : within(cuts = next(cuts), 0, left);
            purse.take(TOKEN, address(1), piece);
            taken += piece;
        }
        require(taken <= whole, SplitGained(taken, whole));
        uint256 least = whole - (whole * whole) / (2 * held);
        uint256 grain = pieces * (2 + (whole * ALL_BPS) / WHOLE);
        require(taken + grain >= least, SplitLost(taken, least));
    }

    /// @dev With deposits of their own in between, flash or not, and at any rung.
    function testFuzz_many_accounts_gain_nothing_together(uint256 seed, uint256 held, uint256 brought) external {
        (LimitedPurse purse, , uint256 share) = seasoned(seed, held = sized(held, 128), 0);
        uint256 allowed = (held * share) / ALL_BPS;
        uint256 taken;
        for (uint256 i; i < 24; ++i) {
            brought = next(brought);
            address account = address(uint160(2 + (brought % 16)));
            uint256 own = brought & 0x100 == 0 ? 0 : sized(brought >> 16, 128);
            purse.put(TOKEN, account, own);
            (uint256 left, , ) = purse.outflowLeft(TOKEN, account);
            purse.take(TOKEN, account, left);
            (taken, allowed) = (taken + left, allowed + own);
        }
        require(taken <= allowed, SplitGained(taken, allowed));
    }

    /// @dev Evenly between the moves of its account: no faster than a period, and no slower than e^-x.
    function testFuzz_credit_fades(uint256 seed, uint256 brought, uint256 time, uint256 touches) external {
        (LimitedPurse purse, uint256 period, ) = seasoned(seed, 0, 0);
        brought = sized(brought, 128);
        purse.put(TOKEN, address(1), brought);
        purse.trip(3, type(uint64).max);
        touches = within(touches, 1, 8);
        uint256 step = within(time, 0, period) / touches;
        uint256 elapsed = step * touches;
        for (uint256 i; i < touches; ++i) {
            elapse(step);
            purse.put(TOKEN, address(1), 0);
        }
        (uint256 left, uint256 most, ) = purse.outflowLeft(TOKEN, address(1));
        uint256 low = (brought * (period - elapsed)) / period;
        // 1 - x + x²/2 is not below e^-x.
        uint256 high = brought - (brought * elapsed) / period + (brought * elapsed) / period / 2 + 1;
        require(left + touches + 1 >= low && left <= high + most, CreditOutside(low, left, high + most));
    }

    function testFuzz_an_end_restores_what_was_left(
        uint256 seed,
        uint256 held,
        uint256 takenBps,
        uint256 rung
    ) external {
        (LimitedPurse purse, uint256 period, ) = seasoned(seed & ~uint256(1), sized(held, 128), 0);
        (uint256 before, uint256 most, ) = purse.outflowLeft(TOKEN, address(1));
        purse.take(TOKEN, address(1), (before * within(takenBps, 0, ALL_BPS)) / ALL_BPS);
        (before, , ) = purse.outflowLeft(TOKEN, address(1));
        purse.trip(uint8(within(rung, 1, 3)), type(uint64).max);
        (uint256 tripped, , ) = purse.outflowLeft(TOKEN, address(1));
        require(tripped <= before, NotRestored(before, tripped));
        for (uint8 rung = 1; rung <= 3; ++rung) purse.release(rung);
        (uint256 left, , ) = purse.outflowLeft(TOKEN, address(1));
        require(left == before, NotRestored(before, left));
        elapse(period);
        (left, most, ) = purse.outflowLeft(TOKEN, address(1));
        require(left >= most, NotRestored(most, left));
    }

    /// @dev All but what a share of rounds down to nothing, a bound at a time, at most one a period.
    function testFuzz_what_was_refused_leaves_after_waiting(uint256 seed, uint256 held, uint256 askedBps) external {
        (LimitedPurse purse, uint256 period, uint256 share) = seasoned(seed, held = sized(held, 128), 0);
        share = (share * purse.ACCOUNT_BPS()) / ALL_BPS;
        uint256 asked = (held * within(askedBps, 0, 9_000)) / ALL_BPS;
        // What is left after n periods is at most held * (1 - share)^n: a tenth of it before 3 / share.
        uint256 periods = share == 0 ? 0 : (3 * ALL_BPS) / share + 1;
        if (share < 100 || held < 1_000 * ALL_BPS) return;
        for (uint256 i; i <= periods && asked != 0; ++i) {
            (uint256 left, , ) = purse.outflowLeft(TOKEN, address(1));
            if (left > asked) left = asked;
            purse.take(TOKEN, address(1), left);
            asked -= left;
            elapse(period);
        }
        require(asked == 0, StillLocked(asked, held));
    }

    /// @dev Anything at all, in any order: only `OutflowLimited` refuses, and what is reported as left may leave.
    function testFuzz_no_amount_breaks_it(uint256 seed) external {
        (LimitedPurse purse, , ) = seasoned(seed, sized(seed, 128), 0);
        for (uint256 i; i < 32; ++i) {
            seed = next(seed);
            (address account, uint256 amount) = (address(uint160(1 + (seed % 3))), sized(seed >> 8, 128));
            uint256 kind = (seed >> 240) % 6;
            if (kind == 0 && purse.holdings(TOKEN) < 1 << 250) purse.put(TOKEN, account, amount);
            else if (kind == 1) purse.setHoldings(TOKEN, amount - 1);
            else if (kind == 2) purse.setFloor(TOKEN, amount - 1);
            else if (kind == 3) purse.trip(uint8(1 + (amount % 3)), uint64(VM.getBlockTimestamp() + amount));
            else if (kind == 4) elapse(amount % (1 << (amount % 24)));
            else take(purse, account, amount);
        }
    }

    /* INTERNAL */

    function take(LimitedPurse purse, address account, uint256 amount) internal {
        (uint256 left, , ) = purse.outflowLeft(TOKEN, account);
        try purse.take(TOKEN, account, amount) {
            require(amount <= left, SplitGained(amount, left));
        } catch (bytes memory reason) {
            bool limited = bytes4(reason) == IOutflowLimiter.OutflowLimited.selector && amount > left;
            // The purse itself cannot pay more than it holds.
            require(limited || amount > purse.holdings(TOKEN), Broke(reason));
        }
    }

    /// @dev A purse of settings by the seed, odd ones at rung 2, that holds what counts in full.
    /// @param accountBps Zero for any.
    function seasoned(
        uint256 seed,
        uint256 held,
        uint256 accountBps
    ) internal returns (LimitedPurse purse, uint256 period, uint256 share) {
        bool tripped = seed & 1 == 1;
        period = within(seed = next(seed), 1 minutes, 30 days);
        uint256 calm = within(seed = next(seed), 1, ALL_BPS - 1);
        uint256 less = within(seed = next(seed), 1, calm);
        if (accountBps == 0) accountBps = within(next(seed), 1, ALL_BPS);
        purse = LimitedPurse(
            made(
                "LimitedPurse",
                abi.encode(
                    this,
                    IOutflowLimiter.OutflowSettings(uint32(period), uint16(calm), uint16(less), uint16(accountBps))
                )
            )
        );
        purse.put(TOKEN, address(0xdead), held);
        elapse(period);
        if (tripped) purse.trip(2, type(uint64).max);
        share = tripped ? less : calm;
    }
}
