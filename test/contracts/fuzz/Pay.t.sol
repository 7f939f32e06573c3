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
    /// Between two looks at what each seat of each entry is owed.
    uint256 internal constant STRETCH = 8;
    uint256 internal constant ROWS = 16;

    PayMoves internal moves;

    function setUp() external {
        VM.warp(1_700_000_000);
        VM.roll(1_000);
        uint256[6] memory stakes;
        for (uint256 who; who < stakes.length; ++who) stakes[who] = within(next(who), 1_000, 1_400);
        moves = new PayMoves(stakes);
    }

    function testFuzz_pay_is_held_to_the_wei_and_claimed_to_the_wei(uint256 seed) external {
        run(seed);
    }

    /// @dev Of rows that never change: what is held for each act is held for acts that happen.
    function test_comes_to_every_state_of_a_bounty() external {
        uint256[6] memory seen;
        uint256 forfeits;
        for (uint256 row; row < ROWS; ++row) {
            this.setUp();
            run(next(row));
            for (uint256 which; which < 2; ++which) {
                bytes32 id = moves.ids(which);
                uint256 entries = moves.bounties().accountOf(id).entries;
                for (uint256 i; i < entries; ++i) ++seen[uint256(moves.bounties().bountyOf(id, i).state)];
            }
            forfeits += moves.forfeits();
        }
        for (uint256 state = 1; state < seen.length; ++state) require(seen[state] != 0, NeverSeen(seen, forfeits));
        require(forfeits != 0, NeverSeen(seen, forfeits));
    }

    function run(uint256 seed) internal {
        // Something to do from the first act on.
        for (uint256 i; i < 4; ++i) {
            moves.deposit(i | (next(seed ^ i) << 8));
            moves.name((i << 1) | (next(seed ^ (8 + i)) << 8));
        }
        moves.wait(40 << 16);
        for (uint256 acts; acts < ACTS; ++acts) {
            seed = next(seed);
            act(seed % 20, next(seed));
            requireHeld();
            if (acts % STRETCH == 0) requireOwed();
        }
        moves.finish();
        requireHeld();
        for (uint256 i; i < 4; ++i) {
            uint256 owed = moves.ledgerOf(i).accountOf(moves.idOf(i)).owed;
            require(owed == 0, Unclaimed(moves.idOf(i), owed));
        }
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
            ILedger.Account memory account = ledger.accountOf(id);
            uint256 sum;
            for (uint256 who; who < 6; ++who) {
                address operator = moves.operatorOf(who);
                uint256 from = ledger.cursorOf(id, operator).entry;
                sum += moves.owedBy(ledger, id, operator, from, account.entries, true);
            }
            require(account.owed == sum, OwedDiffers(id, account.owed, sum));
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
