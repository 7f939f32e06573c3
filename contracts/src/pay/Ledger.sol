// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {ITermsBook} from "../interfaces/ITermsBook.sol";
import {IWatcherWords} from "../interfaces/IWatcherWords.sol";
import {IWatchers} from "../interfaces/IWatchers.sol";
import {Cursors} from "./Cursors.sol";
import {SeatSearch} from "./SeatSearch.sol";

/// @notice The money of coverages, and entries of what it owes: one write each, whatever the number of seats.
/// @dev Whoever derives from it says what an entry is of, and when it is settled. Nobody has a role in it.
/// @dev Warning: what a token adds to the balance by itself stays here for good; one that takes from it takes from all.
abstract contract Ledger is ILedger, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using Cursors for Cursor;
    using Cursors for uint256;
    using SeatSearch for Cursor;

    /// @notice One coverage's.
    struct Book {
        Account account;
        mapping(uint256 run => Run) runs;
        mapping(uint256 entry => uint256[2]) seats;
        mapping(address operator => uint256) cursors;
        Withdrawal withdrawal;
    }

    /* IMMUTABLES */

    /// @inheritdoc ILedger
    IRegistry public immutable REGISTRY;
    /// @inheritdoc ILedger
    ICommittee public immutable COMMITTEE;
    /// @inheritdoc ILedger
    IWatchers public immutable WATCHERS;
    /// @inheritdoc ILedger
    ITermsBook public immutable TERMS;
    /// @inheritdoc ILedger
    IQuorumVerifier public immutable VERIFIER;
    IERC20 internal immutable TOKEN;

    /* STORAGE */

    mapping(bytes32 coverageId => Book) internal books;

    /* CONSTRUCTOR */

    constructor(ITermsBook terms, IQuorumVerifier verifier) {
        (TERMS, VERIFIER, REGISTRY) = (terms, verifier, terms.REGISTRY());
        COMMITTEE = REGISTRY.COMMITTEE();
        WATCHERS = COMMITTEE.WATCHERS();
        TOKEN = IERC20(WATCHERS.token());
    }

    /* DEPOSITING */

    /// @inheritdoc ILedger
    function deposit(bytes32 id, uint96 amount) external nonReentrant {
        // Reverts where there is none.
        REGISTRY.coverage(id);
        Account memory account_ = books[id].account;
        requireRoom(account_, amount);
        account_.deposit += amount;
        books[id].account = account_;
        emit Deposited(id, msg.sender, amount);
        take(amount);
    }

    /// @inheritdoc ILedger
    function askWithdrawal(bytes32 id, uint96 amount) external {
        bytes32 incidents = requireOwner(id);
        uint64 notice = TERMS.NOTICE();
        uint64 from = uint64(block.number) + notice;
        if (amount == 0) delete books[id].withdrawal;
        else books[id].withdrawal = Withdrawal(amount, from, from + notice, incidents);
        emit WithdrawalAsked(id, amount, from, from + notice);
    }

    /// @inheritdoc ILedger
    function withdraw(bytes32 id) external nonReentrant returns (uint256 amount) {
        bytes32 incidents = requireOwner(id);
        Book storage book = books[id];
        Withdrawal memory asked = book.withdrawal;
        bool inTime = block.number >= asked.from && block.number <= asked.until;
        require(inTime, WithdrawalOutOfTime(id, asked.from, asked.until));
        require(incidents == asked.incidents, WithdrawalVoid(id, asked.incidents, incidents));
        Account memory account_ = book.account;
        uint256 free = freeOf(id, account_);
        amount = asked.amount < free ? asked.amount : free;
        delete book.withdrawal;
        book.account.deposit = account_.deposit - uint96(amount);
        emit Withdrawn(id, msg.sender, amount);
        TOKEN.safeTransfer(msg.sender, amount);
    }

    /* CLAIMING */

    /// @inheritdoc ILedger
    /// @dev Nothing follows what it sends: the lock is looked at, and not taken.
    function claim(address operator, bytes32 id, uint256 max) external returns (uint256 paid) {
        require(!_reentrancyGuardEntered(), ReentrancyGuardReentrantCall());
        Book storage book = books[id];
        Account memory self = book.account;
        uint256 cursor = book.cursors[operator];
        uint256 from = cursor.entryOf();
        uint16 count;
        // Looked at only where nothing else is left to claim.
        if (from == endOfSettled(self)) {
            count = settled(id, self, max);
            self.pending -= count;
        }
        (, , , uint256 payout, uint256 slashed, bytes32 keyHash) = IWatcherWords(address(WATCHERS)).watcher(operator);
        uint256 forfeited;
        (cursor, paid, forfeited) = walk(id, self, cursor, keyHash, slashed != 0, max);
        require(cursor.entryOf() != from, NothingToClaim(id, operator));
        book.cursors[operator] = cursor;
        // Each is no more than was ever booked.
        unchecked {
            book.account.owed = self.owed - uint96(paid + forfeited);
        }
        if (count != 0) book.account.pending = self.pending;
        if (forfeited != 0) {
            book.account.deposit = self.deposit + uint96(forfeited);
            emit Forfeited(id, operator, forfeited);
        }
        if (paid == 0) return 0;
        emit Claimed(id, operator, paid);
        TOKEN.safeTransfer(address(uint160(payout)), paid);
    }

    /* INTERNAL */

    /// @notice How many of the pending entries, from the first on, are settled now; `max` at most.
    function settled(bytes32 id, Account memory self, uint256 max) internal view virtual returns (uint16);

    /// @notice Epoch of the roster that an entry is of.
    function epochOf(bytes32 id, uint256 entry) internal view virtual returns (uint64);

    /// @notice What of the deposit may be withdrawn.
    function freeOf(bytes32, Account memory self) internal view virtual returns (uint256) {
        return self.deposit;
    }

    /// @notice Told of what a struck seat is not paid.
    function forfeit(bytes32 id, uint256 entry, uint256 amount) internal virtual {}

    /// @return incidents The running hash of the coverage's.
    function requireOwner(bytes32 id) private view returns (bytes32 incidents) {
        IRegistry.Coverage memory covered = REGISTRY.coverage(id);
        require(msg.sender == covered.owner, IRegistry.NotOwner(msg.sender, covered.owner));
        return covered.incidents;
    }

    /// @notice What an account holds stays below 2^96.
    function requireRoom(Account memory account_, uint256 amount) internal pure {
        uint256 held = uint256(account_.deposit) + account_.owed;
        require(held + amount <= type(uint96).max, AccountFull(held, amount));
    }

    /// @notice Takes this much from the caller, no more and no less.
    function take(uint256 amount) internal {
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        require(received == amount, NotReceived(amount, received));
    }

    /// @notice What a unit of weight is paid where all of `total` would be paid `amount`, or what there is.
    function rateOf(Account memory account_, uint96 amount, uint256 total) internal pure returns (uint96) {
        uint96 most = amount < account_.deposit ? amount : account_.deposit;
        return uint96(most / total);
    }

    /// @notice Appends an entry, in the run before it where that is the same, and answers its number.
    function append(
        Book storage book,
        Account memory account_,
        uint32 nonce,
        uint96 rate,
        uint256[2] memory seats
    ) internal returns (uint256 entry) {
        entry = account_.entries++;
        ++account_.pending;
        Run memory run = book.runs[account_.runs];
        bool same = account_.runs != 0 && run.nonce == nonce && run.rate == rate;
        if (!same) book.runs[++account_.runs] = Run(uint24(entry), nonce, rate);
        add(book, entry, seats);
    }

    /// @notice Adds seats to an entry.
    function add(Book storage book, uint256 entry, uint256[2] memory seats) internal {
        uint256[2] storage known = book.seats[entry];
        if (seats[0] != 0) known[0] |= seats[0];
        if (seats[1] != 0) known[1] |= seats[1];
    }

    /// @notice Moves from the deposit what this weight is owed.
    function owe(Account memory account_, uint96 rate, uint256 weight) internal pure returns (uint96 amount) {
        uint256 due = rate * weight;
        require(due <= account_.deposit, DepositShort(due, account_.deposit));
        amount = uint96(due);
        account_.deposit -= amount;
        account_.owed += amount;
    }

    /// @dev Each step looks at one entry, or passes a run that owes the watcher nothing.
    function walk(
        bytes32 id,
        Account memory self,
        uint256 cursor,
        bytes32 keyHash,
        bool wasSlashed,
        uint256 max
    ) private returns (uint256, uint256 paid, uint256 forfeited) {
        Book storage book = books[id];
        // Not more than 2^24 entries, each of no more than 2^96.
        unchecked {
            (uint256 entry, uint256 last) = (cursor.entryOf(), endOfSettled(self));
            uint256 end = endOf(book, self, cursor.runOf());
            for (; max != 0 && entry < last; --max) {
                if (entry == end) {
                    cursor = enter(book, cursor, keyHash);
                    end = endOf(book, self, cursor.runOf());
                }
                (uint256 due, uint256 seat) = (cursor.dueOf(), cursor.seatOf());
                if (due == 0) {
                    entry = end < last ? end : last;
                    continue;
                }
                if ((book.seats[entry][seat >> 8] >> (seat & 255)) & 1 == 1) {
                    // Slashed once is slashed for good, and rare: everybody else is spared the look.
                    if (wasSlashed && isStruck(epochOf(id, entry), seat)) {
                        forfeited += due;
                        forfeit(id, entry, due);
                    } else paid += due;
                }
                ++entry;
            }
            return (cursor.moved(entry), paid, forfeited);
        }
    }

    /// @notice The cursor in its next run.
    function enter(Book storage book, uint256 word, bytes32 keyHash) private view returns (uint256) {
        Cursor memory cursor = word.unpack();
        Run memory run = book.runs[++cursor.run];
        cursor.rate = run.rate;
        if (run.rate != 0 && run.nonce != cursor.nonce) {
            cursor.nonce = run.nonce;
            cursor.locate(COMMITTEE, WATCHERS, keyHash);
        }
        return cursor.pack();
    }

    /// @notice The first entry that is not settled.
    function endOfSettled(Account memory self) private pure returns (uint256) {
        // Entries are pending.
        unchecked {
            return self.entries - self.pending;
        }
    }

    /// @notice The first entry that is not of the run.
    function endOf(Book storage book, Account memory self, uint256 run) private view returns (uint256) {
        return run < self.runs ? book.runs[run + 1].first : self.entries;
    }

    function isStruck(uint64 epoch, uint256 seat) private view returns (bool) {
        return (REGISTRY.struck(epoch)[seat >> 8] >> (seat & 255)) & 1 == 1;
    }

    /* VIEWS */

    /// @inheritdoc ILedger
    function accountOf(bytes32 id) external view returns (Account memory) {
        return books[id].account;
    }

    /// @inheritdoc ILedger
    function runOf(bytes32 id, uint256 run) external view returns (Run memory) {
        return books[id].runs[run];
    }

    /// @inheritdoc ILedger
    function seatsOf(bytes32 id, uint256 entry) external view returns (uint256[2] memory) {
        return books[id].seats[entry];
    }

    /// @inheritdoc ILedger
    function cursorOf(bytes32 id, address operator) external view returns (Cursor memory) {
        return Cursors.unpack(books[id].cursors[operator]);
    }

    /// @inheritdoc ILedger
    function withdrawalOf(bytes32 id) external view returns (Withdrawal memory) {
        return books[id].withdrawal;
    }
}
