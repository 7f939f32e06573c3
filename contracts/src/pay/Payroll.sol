// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {BlockHash} from "../BlockHash.sol";
import {RollCall} from "../RollCall.sol";
import {Certificate, Verdict} from "../Types.sol";
import {IPayroll} from "../interfaces/IPayroll.sol";
import {IPremiums} from "../interfaces/IPremiums.sol";
import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {ITermsBook, Terms} from "../interfaces/ITermsBook.sol";
import {Outcome} from "../proofs/Predicate.sol";
import {Ledger} from "./Ledger.sol";
import {Signed, Signers} from "./Signers.sol";

/// @notice The premiums of coverages: each entry is a roll call.
/// @dev What absent weight would have been paid stays in the deposit.
contract Payroll is IPayroll, Ledger {
    using SafeERC20 for IERC20;

    /* CONSTANTS */

    uint256 private constant BUCKET = 1 weeks;
    uint256 private constant BUCKETS = 13;

    /* IMMUTABLES */

    /// @inheritdoc IPayroll
    uint256 public immutable PERIOD;

    /* STORAGE */

    mapping(bytes32 coverageId => mapping(uint256 entry => Call)) private calls;
    mapping(bytes32 coverageId => mapping(uint256 week => uint256)) private premiums;

    /* CONSTRUCTOR */

    constructor(ITermsBook terms, IQuorumVerifier verifier, uint256 period) Ledger(terms, verifier) {
        require(period != 0, PeriodIsZero());
        PERIOD = period;
    }

    /* BOOKING */

    /// @inheritdoc IPayroll
    function bookRollCall(
        Verdict calldata verdict,
        bytes32[] calldata ruleIds,
        Outcome[] calldata states,
        Certificate calldata certificate
    ) external nonReentrant returns (uint256 fee) {
        requireDue(verdict);
        bytes32 id = verdict.coverageId;
        RollCall.Leaf[] memory leaves = RollCall.leavesOf(REGISTRY, id, verdict.height, ruleIds, states);
        bytes32 root = RollCall.root(leaves);
        require(verdict.claimsRoot == root, LeavesMismatch(verdict.claimsRoot, root));
        Book storage book = books[id];
        Account memory account_ = book.account;
        (uint256 entry, bool isNew) = entryAt(id, account_, verdict.height);
        Signed memory by = Signers.verify(REGISTRY, VERIFIER, verdict, certificate, book.seats[entry]);
        require(by.weight != 0, NobodyAdded(id, entry));
        Terms memory terms = TERMS.termsAt(id, verdict.height);
        Call memory call_;
        uint96 rate;
        if (isNew) {
            rate = rateOf(account_, terms.premium, by.total);
            // Nothing more is added to the one before.
            account_.pending = 0;
            append(book, account_, by.nonce, rate, by.seats);
            call_ = Call(verdict.epoch, uint48(verdict.height), uint48(block.timestamp), 0, uint48(by.total));
        } else {
            rate = book.runs[account_.runs].rate;
            add(book, entry, by.seats);
            call_ = calls[id][entry];
        }
        uint256 counted = premiumIn(call_, rate);
        // Weights are 41 bits at most.
        call_.signed += uint48(by.weight);
        calls[id][entry] = call_;
        owe(account_, rate, by.weight);
        uint256 premium = premiumIn(call_, rate) - counted;
        if (premium != 0) premiums[id][call_.bookedAt / BUCKET] += premium;
        fee = feeOf(account_, terms.fee, rate, by, call_.signed);
        account_.deposit -= uint96(fee);
        book.account = account_;
        uint256 total = by.total;
        uint256[2] memory seats = by.seats;
        emit RollCallBooked(id, entry, verdict, leaves, certificate, seats, call_.signed, total, rate, msg.sender, fee);
        if (fee != 0) TOKEN.safeTransfer(msg.sender, fee);
    }

    /* INTERNAL */

    /// @dev Only the last entry can be pending.
    function settled(bytes32 id, Account memory self, uint256 max) internal view override returns (uint16) {
        if (self.pending == 0 || max == 0) return 0;
        return block.number > calls[id][self.entries - 1].height + Signers.MAX_AGE ? 1 : 0;
    }

    function epochOf(bytes32 id, uint256 entry) internal view override returns (uint64) {
        return calls[id][entry].epoch;
    }

    /// @dev Without what seats would be owed that may be added yet.
    function freeOf(bytes32 id, Account memory self) internal view override returns (uint256) {
        if (self.pending == settled(id, self, 1)) return self.deposit;
        Call memory last = calls[id][self.entries - 1];
        return beyond(self, books[id].runs[self.runs].rate, last.total - last.signed);
    }

    /// @dev What goes back into the deposit was never paid.
    function forfeit(bytes32 id, uint256 entry, uint256 amount) internal override {
        Call memory call_ = calls[id][entry];
        if (isCounted(call_)) premiums[id][call_.bookedAt / BUCKET] -= amount;
    }

    function requireDue(Verdict calldata verdict) private view {
        (bytes32 id, bytes32 blockHash, uint64 height) = (verdict.coverageId, verdict.blockHash, verdict.height);
        bool isCall =
            verdict.subject == RollCall.SUBJECT && verdict.ruleId == 0 && verdict.rung == 0 && verdict.life == 0;
        require(isCall, NotRollCall(verdict.ruleId, verdict.subject, verdict.rung, verdict.life));
        uint64 chainId = verdict.observedChainId;
        require(chainId == block.chainid, IRegistry.ObservedChainUnsupported(chainId));
        require(!REGISTRY.coverage(id).retired, IRegistry.CoverageRetired(id));
        Signers.requireRecent(height);
        bytes32 canonical = BlockHash.read(height);
        require(canonical != 0 && blockHash == canonical, BlockHashMismatch(height, blockHash, canonical));
        require(RollCall.isDue(id, blockHash, PERIOD), RollCallNotDue(id, blockHash));
    }

    /// @notice The entry of a height: the last one, or the one after it.
    function entryAt(
        bytes32 id,
        Account memory account_,
        uint64 height
    ) private view returns (uint256 entry, bool isNew) {
        if (account_.entries == 0) return (0, true);
        uint64 last = calls[id][account_.entries - 1].height;
        require(height >= last, RollCallStale(height, last));
        isNew = height > last;
        entry = isNew ? account_.entries : account_.entries - 1;
    }

    /// @notice The added weight's part of the fee, as far as the deposit holds it beside the premium of who may be added yet.
    function feeOf(
        Account memory account_,
        uint96 fee,
        uint96 rate,
        Signed memory by,
        uint256 signed
    ) private pure returns (uint256) {
        uint256 due = (fee * by.weight) / by.total;
        uint256 room = beyond(account_, rate, by.total - signed);
        return due < room ? due : room;
    }

    /// @notice What a deposit holds beyond what this weight would be owed.
    function beyond(Account memory account_, uint96 rate, uint256 weight) private pure returns (uint256) {
        uint256 kept = rate * weight;
        return account_.deposit > kept ? account_.deposit - kept : 0;
    }

    /// @notice The premium of a roll call that counts as paid.
    function premiumIn(Call memory self, uint96 rate) private pure returns (uint256) {
        return isCounted(self) ? uint256(rate) * self.signed : 0;
    }

    /// @dev What few have signed may be an owner's own seats, to whom it pays what it has back.
    function isCounted(Call memory self) private pure returns (bool) {
        return 2 * uint256(self.signed) > self.total;
    }

    /* VIEWS */

    /// @inheritdoc IPayroll
    function attestedStake(bytes32 id) external view returns (uint256 signed, uint256 total, uint256 age) {
        uint256 entries = books[id].account.entries;
        if (entries == 0) return (0, 0, 0);
        Call memory latest = calls[id][entries - 1];
        return (latest.signed, latest.total, block.number - latest.height);
    }

    /// @inheritdoc IPayroll
    function callOf(bytes32 id, uint256 entry) external view returns (Call memory) {
        return calls[id][entry];
    }

    /// @inheritdoc IPremiums
    function premiumOf(bytes32 id, uint256 trippedAt) external view returns (uint256 premium) {
        uint256 week = trippedAt / BUCKET;
        for (uint256 i = 1; i <= BUCKETS && i <= week; ++i) premium += premiums[id][week - i];
    }
}
