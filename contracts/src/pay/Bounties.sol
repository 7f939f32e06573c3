// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Certificate, Class, Incident, Rule, Verdict} from "../Types.sol";
import {Quorum} from "../Quorum.sol";
import {VerdictHash} from "../VerdictHash.sol";
import {IBounties} from "../interfaces/IBounties.sol";
import {IIncidentBook} from "../interfaces/IIncidentBook.sol";
import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {ITermsBook, Terms} from "../interfaces/ITermsBook.sol";
import {Ledger} from "./Ledger.sol";
import {Signed, Signers} from "./Signers.sol";

/// @notice The bounties of coverages: each entry is an incident, or the bond of whoever disputed one in vain.
/// @dev Worst use: a hostile arbiter takes back what its own coverage has promised for an incident, and no stake.
contract Bounties is IBounties, Ledger {
    using SafeERC20 for IERC20;

    /* CONSTANTS */

    uint256 private constant MAX_TRAIL = 64;
    uint256 private constant MAX_DURATION = 30 days;
    /// @dev Seconds: an alarm that stays true is prolonged every few minutes.
    uint64 private constant PAUSE = 6 hours;
    /// @dev Of a bounty, whoever trips by proof has one part in so many: the others' signatures told it where to look.
    uint96 private constant PROVER_PARTS = 10;

    /* IMMUTABLES */

    /// @inheritdoc IBounties
    IIncidentBook public immutable BOOK;
    /// @inheritdoc IBounties
    uint48 public immutable WINDOW;
    /// @inheritdoc IBounties
    uint48 public immutable RULING;

    /* STORAGE */

    /// @inheritdoc IBounties
    mapping(bytes32 incidents => uint256) public entryOf;
    /// @dev By the `PAUSE` they tripped in, counted from 1, of which each has one at most.
    mapping(bytes32 coverageId => mapping(uint8 rung => mapping(uint256 pause => uint64 trippedAt))) private paid;
    mapping(bytes32 coverageId => mapping(uint256 entry => Bounty)) private bounties;
    mapping(bytes32 coverageId => mapping(uint256 entry => Dispute)) private disputes;
    /// @inheritdoc IBounties
    mapping(address account => uint256) public creditOf;

    /* CONSTRUCTOR */

    constructor(
        ITermsBook terms,
        IQuorumVerifier verifier,
        IIncidentBook incidentBook,
        uint48 window,
        uint48 ruling
    ) Ledger(terms, verifier) {
        bool valid = window != 0 && ruling != 0 && window <= MAX_DURATION && ruling <= MAX_DURATION;
        require(valid, DurationsInvalid(window, ruling, MAX_DURATION));
        require(address(incidentBook.REGISTRY()) == address(REGISTRY), BookOfAnother(address(incidentBook)));
        (BOOK, WINDOW, RULING) = (incidentBook, window, ruling);
    }

    /* BOOKING */

    /// @inheritdoc IBounties
    function bookIncident(
        Verdict calldata verdict,
        bytes32 previous,
        Incident calldata incident,
        Incident[] calldata trail,
        Rule calldata rule
    ) external nonReentrant {
        bytes32 id = verdict.coverageId;
        bytes32 incidents = requireOf(verdict, previous, incident);
        requireKnown(id, incidents, trail);
        require(entryOf[incidents] == 0, IncidentSpent(id, incidents));
        bytes32 ruleId = VerdictHash.ruleId(rule);
        require(ruleId == verdict.ruleId, RuleMismatch(verdict.ruleId, ruleId));
        Terms memory terms = TERMS.termsAt(id, verdict.height);
        (uint8 rung, uint64 trippedAt) = (incident.rung, incident.trippedAt);
        uint64 near = paidNear(id, rung, trippedAt);
        require(near == 0, PaidLately(id, rung, near));
        paid[id][rung][trippedAt / PAUSE + 1] = trippedAt;
        enter(verdict, incidents, incident, rule.class, terms);
    }

    /// @inheritdoc IBounties
    function addSigners(
        Verdict calldata verdict,
        bytes32 previous,
        Incident calldata incident,
        Certificate calldata certificate
    ) external nonReentrant {
        bytes32 id = verdict.coverageId;
        bytes32 incidents = requireOf(verdict, previous, incident);
        uint256 entry = entryOf[incidents];
        require(entry != 0, IncidentUnbooked(id, incidents));
        --entry;
        Bounty storage bounty = bounties[id][entry];
        require(bounty.state == State.Open, BountyInState(entry, bounty.state));
        require(block.timestamp < bounty.until, OutOfTime(entry, bounty.until));
        Signers.requireRecent(bounty.since);
        Book storage book = books[id];
        Signed memory by = Signers.verify(REGISTRY, VERIFIER, verdict, certificate, book.seats[entry]);
        require(by.weight != 0, NobodyAdded(id, entry));
        add(book, entry, by.seats);
        bounty.signed += uint48(by.weight);
        Account memory account_ = book.account;
        uint256 due = owe(account_, bounty.rate, by.weight);
        book.account = account_;
        emit SignersAdded(id, entry, by.seats, due);
    }

    /* DISPUTES */

    /// @inheritdoc IBounties
    function dispute(bytes32 id, uint256 entry) external nonReentrant {
        Bounty storage bounty = bounties[id][entry];
        require(bounty.state == State.Open, BountyInState(entry, bounty.state));
        require(bounty.class != Class.A, NotDisputable(entry, bounty.class));
        require(bounty.arbiter != address(0), ArbiterUnnamed(entry));
        require(block.timestamp < bounty.until, OutOfTime(entry, bounty.until));
        uint96 bond = owedBy(bounty);
        // It may become the account's.
        requireRoom(books[id].account, bond);
        uint48 until = bounty.until + RULING;
        (bounty.state, bounty.until) = (State.Disputed, until);
        disputes[id][entry] = Dispute(msg.sender, bond);
        emit Disputed(id, entry, msg.sender, bond, until);
        take(bond);
    }

    /// @inheritdoc IBounties
    function decide(bytes32 id, uint256 entry, bool upheld) external nonReentrant {
        Bounty storage bounty = requireDisputed(id, entry);
        require(msg.sender == bounty.arbiter, NotArbiter(msg.sender, bounty.arbiter));
        require(block.timestamp < bounty.until, OutOfTime(entry, bounty.until));
        Book storage book = books[id];
        Account memory account_ = book.account;
        uint256 paidBy;
        bounty.until = uint48(block.timestamp);
        if (upheld) {
            bounty.state = State.Upheld;
            uint96 owed = owedBy(bounty);
            delete book.seats[entry];
            (account_.owed, account_.deposit) = (account_.owed - owed, account_.deposit + owed);
            refund(id, entry);
        } else {
            bounty.state = State.Dismissed;
            paidBy = append(book, account_, COMMITTEE.roster(bounty.epoch).nonce, bounty.rate, book.seats[entry]);
            bounties[id][paidBy] = bounty;
            // The bond: as much once more.
            account_.owed += disputes[id][entry].bond;
        }
        book.account = account_;
        emit Decided(id, entry, upheld, paidBy);
    }

    /// @inheritdoc IBounties
    function lapse(bytes32 id, uint256 entry) external {
        Bounty storage bounty = requireDisputed(id, entry);
        require(block.timestamp >= bounty.until, StillInTime(entry, bounty.until));
        bounty.state = State.Lapsed;
        refund(id, entry);
        emit DisputeLapsed(id, entry);
    }

    /// @inheritdoc IBounties
    function collect(address account_) external nonReentrant {
        uint256 amount = creditOf[account_];
        require(amount != 0, NoCredit(account_));
        delete creditOf[account_];
        emit Collected(account_, amount);
        TOKEN.safeTransfer(account_, amount);
    }

    /* INTERNAL */

    /// @dev Each is settled at its time, and none before those booked before it: at most `WINDOW` and `RULING` after its own
    /// booking all are.
    function settled(bytes32 id, Account memory self, uint256 max) internal view override returns (uint16 count) {
        (uint256 first, uint16 pending) = (self.entries - self.pending, self.pending);
        while (count < pending && count < max && block.timestamp >= bounties[id][first + count].until) ++count;
    }

    function epochOf(bytes32 id, uint256 entry) internal view override returns (uint64) {
        return bounties[id][entry].epoch;
    }

    /// @notice The running hash of a coverage's incidents after one of this verdict.
    function requireOf(
        Verdict calldata verdict,
        bytes32 previous,
        Incident calldata incident
    ) private view returns (bytes32) {
        bytes32 digest = REGISTRY.digest(verdict);
        require(incident.digest == digest, DigestMismatch(digest, incident.digest));
        return hashOf(previous, incident);
    }

    function requireKnown(bytes32 id, bytes32 incidents, Incident[] calldata trail) private view {
        require(trail.length <= MAX_TRAIL, TrailTooLong(trail.length, MAX_TRAIL));
        for (uint256 i; i < trail.length; ++i) incidents = hashOf(incidents, trail[i]);
        bool known = REGISTRY.coverage(id).incidents == incidents || BOOK.bookedAt(id, incidents) != 0;
        require(known, IncidentsUnknown(id, incidents));
    }

    function hashOf(bytes32 previous, Incident calldata self) private pure returns (bytes32) {
        return
            VerdictHash.incident(
                previous,
                self.digest,
                self.signers,
                self.signed,
                self.total,
                self.rung,
                self.trippedAt,
                self.end
            );
    }

    function enter(
        Verdict calldata verdict,
        bytes32 incidents,
        Incident calldata incident,
        Class class,
        Terms memory terms
    ) private {
        bytes32 id = verdict.coverageId;
        Book storage book = books[id];
        Account memory account_ = book.account;
        (uint96 bounty, uint32 nonce) = (terms.bounty, COMMITTEE.roster(verdict.epoch).nonce);
        (uint256 total, uint256[2] memory seats) = (incident.total, incident.signers);
        // Whoever proves at the last moment keeps nobody out.
        uint256 since = total == 0 ? block.number - 1 : verdict.height;
        if (total == 0) {
            bounty -= credit(id, incidents, account_, address(uint160(seats[0])), bounty);
            total = weightOf(nonce);
            delete seats;
        }
        uint96 rate = rateOf(account_, bounty, total);
        require(rate != 0, NoBounty(id, verdict.height));
        uint256 entry = append(book, account_, nonce, rate, seats);
        entryOf[incidents] = entry + 1;
        uint48 until = uint48(block.timestamp) + WINDOW;
        bounties[id][entry] = Bounty(
            verdict.epoch,
            uint48(since),
            until,
            uint48(incident.signed),
            class,
            State.Open,
            rate,
            terms.arbiter
        );
        uint256 due = owe(account_, rate, incident.signed);
        book.account = account_;
        emit IncidentBooked(id, incidents, entry, rate, due, until, terms.arbiter);
    }

    /// @notice Gives the prover of a trip its part of the bounty, or of what there is.
    function credit(
        bytes32 id,
        bytes32 incidents,
        Account memory account_,
        address prover,
        uint96 bounty
    ) private returns (uint96 amount) {
        amount = (bounty < account_.deposit ? bounty : account_.deposit) / PROVER_PARTS;
        account_.deposit -= amount;
        creditOf[prover] += amount;
        emit ProverCredited(id, incidents, prover, amount);
    }

    function weightOf(uint32 nonce) private view returns (uint256) {
        return Quorum.weightOf(address(COMMITTEE), nonce, [type(uint256).max, type(uint256).max]);
    }

    function requireDisputed(bytes32 id, uint256 entry) private view returns (Bounty storage bounty) {
        bounty = bounties[id][entry];
        require(bounty.state == State.Disputed, BountyInState(entry, bounty.state));
    }

    function refund(bytes32 id, uint256 entry) private {
        Dispute memory disputed = disputes[id][entry];
        creditOf[disputed.disputer] += disputed.bond;
    }

    function owedBy(Bounty storage bounty) private view returns (uint96) {
        // No more than the deposit was.
        return bounty.rate * bounty.signed;
    }

    /* VIEWS */

    /// @inheritdoc IBounties
    function paidNear(bytes32 id, uint8 rung, uint64 trippedAt) public view returns (uint64) {
        mapping(uint256 pause => uint64) storage those = paid[id][rung];
        // Of 64 bits.
        unchecked {
            for (uint256 i; i < 3; ++i) {
                uint256 other = those[uint256(trippedAt) / PAUSE + i];
                if (other + PAUSE > trippedAt && trippedAt + uint256(PAUSE) > other) return uint64(other);
            }
        }
        return 0;
    }

    /// @inheritdoc IBounties
    function bountyOf(bytes32 id, uint256 entry) external view returns (Bounty memory) {
        return bounties[id][entry];
    }

    /// @inheritdoc IBounties
    function disputeOf(bytes32 id, uint256 entry) external view returns (Dispute memory) {
        return disputes[id][entry];
    }
}
