// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICommittee} from "./ICommittee.sol";
import {IQuorumVerifier} from "./IQuorumVerifier.sol";
import {IRegistry} from "./IRegistry.sol";
import {ITermsBook} from "./ITermsBook.sol";
import {IWatchers} from "./IWatchers.sol";

/// @notice What coverages have deposited for watchers, and what they owe them, in the stake's token.
/// @dev An entry owes each of its seats the rate of its run for each unit of the seat's weight. Rates are rounded down.
interface ILedger {
    /// @notice One coverage's; one word.
    struct Account {
        /// Owed to nobody.
        uint96 deposit;
        /// Booked and not claimed.
        uint96 owed;
        uint24 entries;
        uint24 runs;
        /// How many of the entries, the last ones, are not settled: nobody can claim them yet.
        uint16 pending;
    }

    /// @notice Entries one after the other that are of one roster and one rate; one word.
    struct Run {
        uint24 first;
        /// Creation nonce of the roster.
        uint32 nonce;
        uint96 rate;
    }

    /// @notice How far a watcher has claimed, and its seat in the run it has come to; one word.
    struct Cursor {
        /// The next entry.
        uint24 entry;
        /// Runs are counted from 1.
        uint24 run;
        uint32 nonce;
        uint96 rate;
        uint16 seat;
        /// Zero when it has no seat in the run's roster.
        uint32 weight;
        /// Page and place of the key that it was last seated by.
        uint32 key;
    }

    /// @notice What an owner has asked for, and the blocks in which it is given.
    struct Withdrawal {
        uint96 amount;
        uint64 from;
        uint64 until;
        /// Running hash of the coverage's incidents when it was asked for.
        bytes32 incidents;
    }

    error NotReceived(uint256 expected, uint256 received);
    error AccountFull(uint256 held, uint256 amount);
    error WithdrawalOutOfTime(bytes32 coverageId, uint64 from, uint64 until);
    /// @dev The coverage has been tripped since: ask anew.
    error WithdrawalVoid(bytes32 coverageId, bytes32 asked, bytes32 incidents);
    /// @dev All that is settled has been looked at.
    error NothingToClaim(bytes32 coverageId, address operator);
    /// @dev Less is left in the deposit than the seats would be owed.
    error DepositShort(uint256 asked, uint256 deposit);
    /// @dev Each of the seats is in the entry, or struck.
    error NobodyAdded(bytes32 coverageId, uint256 entry);
    error HeightOutOfReach(uint64 height, uint256 oldest, uint256 current);
    error BlockHashMismatch(uint64 height, bytes32 claimed, bytes32 canonical);

    event Deposited(bytes32 indexed coverageId, address indexed from, uint256 amount);
    event WithdrawalAsked(bytes32 indexed coverageId, uint256 amount, uint64 from, uint64 until);
    event Withdrawn(bytes32 indexed coverageId, address indexed owner, uint256 amount);
    event Claimed(bytes32 indexed coverageId, address indexed operator, uint256 amount);
    /// @dev It was earned in seats that are struck, and is the deposit's again.
    event Forfeited(bytes32 indexed coverageId, address indexed operator, uint256 amount);

    /// @notice Adds to a coverage's deposit. Anyone.
    function deposit(bytes32 coverageId, uint96 amount) external;

    /// @notice Announces that this much of the deposit will be withdrawn, in place of what was announced before; zero
    /// takes it back. Only the coverage's owner.
    function askWithdrawal(bytes32 coverageId, uint96 amount) external;

    /// @notice Sends what was announced, as far as it is still owed to nobody and not kept for signers of the latest roll call
    /// who may be added yet, in the blocks that were announced. Only the coverage's owner.
    /// @dev Not once the coverage was tripped after it was announced: what an incident is owed can be booked before its
    /// owner has waited again.
    function withdraw(bytes32 coverageId) external returns (uint256 amount);

    /// @notice Sends a watcher's payout address what settled entries owe it. Anyone. Whether more have been settled meanwhile
    /// is looked at by the claim that has nothing else to look at.
    /// @param max Runs and entries to look at, from where the claim before has ended.
    function claim(address operator, bytes32 coverageId, uint256 max) external returns (uint256 paid);

    function REGISTRY() external view returns (IRegistry);
    function COMMITTEE() external view returns (ICommittee);
    function WATCHERS() external view returns (IWatchers);
    function TERMS() external view returns (ITermsBook);
    function VERIFIER() external view returns (IQuorumVerifier);
    function accountOf(bytes32 coverageId) external view returns (Account memory);
    function runOf(bytes32 coverageId, uint256 run) external view returns (Run memory);
    function seatsOf(bytes32 coverageId, uint256 entry) external view returns (uint256[2] memory);
    function cursorOf(bytes32 coverageId, address operator) external view returns (Cursor memory);
    function withdrawalOf(bytes32 coverageId) external view returns (Withdrawal memory);
}
