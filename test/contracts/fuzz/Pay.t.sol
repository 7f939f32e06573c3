// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../../../contracts/src/interfaces/ILedger.sol";
import {PayMoves} from "./PayMoves.sol";
import {next, VM, within} from "./Vm.sol";

/// @notice Whatever owners, watchers, disputers and arbiters do, and whenever.
/// @dev What each claim pays, and whom it may refuse, is required where it is made: an act that reverts fails the run.
contract PayTest {
    error BalanceDiffers(address ledger, uint256 balance, uint256 promised);
    error OwedDiffers(bytes32 coverageId, uint256 owed, uint256 expected);
    error Unclaimed(bytes32 coverageId, uint256 owed);
    error NeverSeen(uint256[6] states, uint256 forfeits);

    uint256 internal constant ACTS = 48;
    /// By all seats of the first coverage by its rule of class B, which is booked.
    uint256 internal constant OPINION = 0x15 | 0x3f00 | (4 << 40);

    PayMoves internal moves;

    function setUp() external {
        VM.warp(1_700_000_000);
        VM.roll(1_000);
        uint256[6] memory stakes;
        for (uint256 who; who < stakes.length; ++who) stakes[who] = within(next(who), 1_000, 1_400);
        moves = new PayMoves(stakes);
    }

    function testFuzz_pay_is_held_to_the_wei_and_claimed_to_the_wei(uint256 seed) external {
        prepare(seed);
        for (uint256 acts; acts < ACTS; ++acts) {
            seed = next(seed);
            act(seed % 20, next(seed));
            requireHeld();
        }
        requireOwed();
        moves.finish();
        requireHeld();
        for (uint256 i; i < 4; ++i) {
            uint256 owed = moves.ledgerOf(i).accountOf(moves.idOf(i)).owed;
            require(owed == 0, Unclaimed(moves.idOf(i), owed));
        }
    }

    /// @dev What is held for each act is held of acts that can happen.
    function test_comes_to_every_state_of_a_bounty() external {
        prepare(0);
        // Upheld, dismissed, and one about which the arbiter is silent; then an open one, and a seat that is struck.
        for (uint256 dispute; dispute < 4; ++dispute) {
            moves.stop(OPINION);
            if (dispute == 3) break;
            moves.argue([uint256(0), 0x10, 8][dispute]);
            moves.rest();
        }
        for (uint256 i; i < 2; ++i) moves.wait(249);
        moves.argue(0x10c);
        moves.strike(0);
        moves.finish();
        uint256[6] memory seen;
        uint256 entries = moves.bounties().accountOf(moves.ids(0)).entries;
        for (uint256 i; i < entries; ++i) ++seen[uint256(moves.bounties().bountyOf(moves.ids(0), i).state)];
        bool all = seen[1] == 1 && seen[3] == 1 && seen[4] == 2 && seen[5] == 1;
        require(all && moves.forfeits() != 0, NeverSeen(seen, moves.forfeits()));
        requireHeld();
    }

    /// @dev Something to do from the first act on.
    function prepare(uint256 seed) internal {
        for (uint256 i; i < 4; ++i) {
            moves.deposit(i | (next(seed ^ i) << 8));
            moves.name((i << 1) | (next(seed ^ (8 + i)) << 8));
        }
        moves.wait(39 << 16);
    }

    /// @dev Deposits, what is owed, bonds and credits are the balance of each.
    function requireHeld() internal view {
        for (uint256 i; i < 2; ++i) {
            ILedger ledger = moves.ledgerOf(i);
            uint256 sum = i == 0 ? 0 : moves.promised();
            for (uint256 which; which < 2; ++which) {
                ILedger.Account memory account = ledger.accountOf(moves.ids(which));
                sum += account.deposit + account.owed;
            }
            uint256 balance = moves.token().balanceOf(address(ledger));
            require(balance == sum, BalanceDiffers(address(ledger), balance, sum));
        }
    }

    /// @dev What is owed is what each seat of each entry has not yet claimed.
    function requireOwed() internal view {
        for (uint256 i; i < 4; ++i) {
            (ILedger ledger, bytes32 id) = (moves.ledgerOf(i), moves.idOf(i));
            (uint256 owed, uint256 expected) = (ledger.accountOf(id).owed, moves.unclaimed(ledger, id));
            require(owed == expected, OwedDiffers(id, owed, expected));
        }
    }

    function act(uint256 which, uint256 seed) internal {
        if (which < 4) moves.call(seed);
        else if (which < 8) moves.stop(seed);
        else if (which == 8) moves.book(seed);
        else if (which < 11) moves.claim(seed);
        else if (which == 11) moves.deposit(seed);
        else if (which == 12) moves.withdraw(seed);
        else if (which < 16) moves.argue(seed);
        else if (which == 16) moves.strike(seed);
        else if (which == 17) moves.reopen(seed);
        else if (which == 18) moves.name(seed);
        else if (seed % 4 == 0) moves.collect();
        else moves.wait(seed);
    }
}
