// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHash} from "./BlockHash.sol";
import {Book, Books, Standing} from "./Book.sol";
import {BreakerHub} from "./BreakerHub.sol";
import {Coverages} from "./Coverages.sol";
import {Escrow} from "./Escrow.sol";
import {Quorum} from "./Quorum.sol";
import {Certificate, Class, Phase, Verdict} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {Bls} from "./bls/Bls.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {IRosterWords} from "./interfaces/IRosterWords.sol";

/// @notice The entry: the verdicts that trip coverages, and what ends a trip.
contract Registry is Coverages {
    using Books for Book;

    /* CONSTANTS */

    uint256 internal constant MAX_AGE = 32;
    uint8 internal constant FULL_RUNG = 3;
    uint8 internal constant OPINION_RUNG = 2;
    // What cannot be metered, kept a little below what it costs so that no refund is a profit: a transaction's base cost,
    // the arguments, and what follows the last reading of the meter.
    uint256 internal constant BASE_GAS = 21_000;
    uint256 internal constant SUBMIT_GAS = 20_000;
    uint256 internal constant RELEASE_GAS = 10_800;
    uint256 internal constant PROVEN_GAS = 15_000;

    /* IMMUTABLES */

    ICommittee public immutable COMMITTEE;
    /// @inheritdoc IRegistry
    address public immutable COURT;
    /// @inheritdoc IRegistry
    address public immutable PROVER;
    uint256 internal immutable HOME_CHAIN;
    bytes32 internal immutable DOMAIN;

    /* STORAGE */

    mapping(uint64 epoch => uint256[2] seats) internal struckSeats;
    /// @inheritdoc IRegistry
    mapping(bytes32 coverageId => uint256 height) public failedAt;

    /* CONSTRUCTOR */

    /// @param ruleDelay Seconds from naming a rule until it may be armed.
    /// @param court Made later, like the prover, at an address that is foretold: each checks that this contract names it.
    constructor(
        ICommittee committee,
        uint256 ruleDelay,
        address court,
        address prover
    ) Coverages(new BreakerHub(), ruleDelay) {
        require(address(committee).code.length != 0, CommitteeWithoutCode(address(committee)));
        Bls.requirePrecompiles();
        COMMITTEE = committee;
        (COURT, PROVER) = (court, prover);
        HOME_CHAIN = block.chainid;
        DOMAIN = VerdictHash.domain(block.chainid, address(this));
    }

    /* TRIPPING */

    /// @inheritdoc IRegistry
    function submit(Verdict calldata verdict_, Certificate calldata certificate) external returns (uint64 until) {
        uint256 meter = startMeter(SUBMIT_GAS);
        Verdict memory verdict = verdict_;
        bytes32 id = verdict.coverageId;
        (address target, uint48 escrow, RuleState storage state, bytes32 digest_) = admit(verdict);
        (uint256[2] memory signers, uint256 signed, uint256 total) = checkQuorum(verdict, certificate, digest_);

        uint8 tripped = verdict.rung;
        bytes memory failure;
        // Effects after it: the lock keeps the target out.
        if (tripped == OPINION_RUNG && state.class == Class.B)
            (until, tripped, failure) = hear(target, verdict, state, isFull(verdict.epoch, signed, total));
        else (until, failure) = tripTarget(target, verdict, state.class);
        if (failure.length == 0) {
            state.lastHeight = uint40(verdict.height);
            book.incidents[id] = incidentOf(id, digest_, signers, signed, total, tripped, until);
        }
        uint256 refund;
        // The meter started above what is left, and a refund is at most the escrow.
        unchecked {
            uint48 units = Escrow.refund(escrow, meter - gasleft(), failure.length == 0 ? Escrow.MAX_TIP : 0);
            book.coverages[id].escrow = escrow - units;
            refund = Escrow.toWei(units);
        }
        if (failure.length != 0) emit TargetFailed(id, verdict.ruleId, digest_, msg.sender, refund, failure);
        else emit Incident(id, digest_, verdict, signers, signed, total, tripped, until, msg.sender, refund);
        Escrow.pay(msg.sender, refund);
        lock = LEFT;
    }

    /// @inheritdoc IRegistry
    function tripProven(
        Verdict calldata verdict_,
        uint64 provenAt,
        address prover,
        uint256 spent,
        uint256 least
    ) external returns (uint64 until) {
        require(msg.sender == PROVER, NotProver(msg.sender));
        uint256 meter = startMeter(PROVEN_GAS + spent);
        Verdict memory verdict = verdict_;
        bytes32 id = verdict.coverageId;
        (address target, uint48 escrow, RuleState storage state, bytes32 digest_) = admit(verdict);
        // Effects after it: the lock keeps the target out.
        until = HUB.tripProven(target, verdict.rung, verdict.life, provenAt);
        state.lastHeight = uint40(verdict.height);
        uint256[2] memory signers = [uint256(uint160(prover)), 0];
        book.incidents[id] = incidentOf(id, digest_, signers, 0, 0, verdict.rung, until);
        uint256 used = meter - gasleft();
        uint48 units = Escrow.refund(escrow, used < least ? least : used, Escrow.MAX_TIP);
        book.coverages[id].escrow = escrow - units;
        uint256 refund = Escrow.toWei(units);
        emit Incident(id, digest_, verdict, signers, 0, 0, verdict.rung, until, prover, refund);
        Escrow.pay(prover, refund);
        lock = LEFT;
    }

    /// @inheritdoc IRegistry
    function end(bytes32 id) external locked {
        Standing storage covered = book.requireOwner(id);
        covered.notBefore = uint40(block.number);
        emit Ended(id, uint64(block.number));
        HUB.end(covered.target);
    }

    /// @inheritdoc IRegistry
    function release(bytes32 id, uint8 rung) external {
        uint256 meter = startMeter(RELEASE_GAS);
        Standing storage covered = book.requireKnown(id);
        if (HUB.release(covered.target, rung)) {
            // A retired coverage may be of a target that somebody else answers for now.
            // What a target clears gives back up to a fifth of a transaction's gas (EIP-3529).
            uint48 refund =
                covered.retired ? 0 : Escrow.refund(covered.escrow, ((meter - gasleft()) * 4) / 5, Escrow.MAX_TIP);
            covered.escrow -= refund;
            uint256 amount = Escrow.toWei(refund);
            emit Released(id, rung, msg.sender, amount);
            Escrow.pay(msg.sender, amount);
        }
        lock = LEFT;
    }

    /// @inheritdoc IRegistry
    /// @dev Not locked: a target may not keep a proof out by being called.
    function strike(uint64 epoch, uint256[2] calldata seats) external {
        require(msg.sender == COURT, NotCourt(msg.sender));
        if (seats[0] != 0) struckSeats[epoch][0] |= seats[0];
        if (seats[1] != 0) struckSeats[epoch][1] |= seats[1];
        emit Struck(epoch, seats);
    }

    /// @inheritdoc IRegistry
    function lift(bytes32 id, uint8 rung, uint64 trippedAt, uint64 until) external locked returns (bool) {
        require(msg.sender == COURT, NotCourt(msg.sender));
        return HUB.lift(book.requireKnown(id).target, rung, trippedAt, until);
    }

    /* INTERNAL */

    /// @notice What a verdict is about, where it may trip it: all but who says so is looked at.
    function admit(
        Verdict memory verdict
    ) internal view returns (address target, uint48 escrow, RuleState storage state, bytes32 digest_) {
        bytes32 id = verdict.coverageId;
        Standing storage standing = book.coverages[id];
        (target, escrow) = (standing.target, standing.escrow);
        require(target != address(0), CoverageUnknown(id));
        require(!standing.retired, CoverageRetired(id));
        state = book.rules[id][verdict.ruleId];
        checkRule(state, verdict);
        checkBlock(state, standing.notBefore, verdict);
        digest_ = VerdictHash.digest(domain(), verdict);
    }

    function checkRule(RuleState storage rule, Verdict memory verdict) internal view {
        Phase phase = rule.phase;
        require(phase != Phase.None, RuleUnknown(verdict.ruleId));
        require(phase == Phase.Armed, RuleNotArmed(verdict.ruleId, phase));
        uint64 chainId = verdict.observedChainId;
        require(chainId == block.chainid, ObservedChainUnsupported(chainId));
        bytes32 subject = verdict.subject;
        require(subject == 0, SubjectUnsupported(subject));
        (uint8 rung, uint8 expectedRung) = (verdict.rung, rule.rung);
        // Were less allowed, the few that a low rung needs could spend the replay slot of a pause at every height.
        require(rung == expectedRung, RungRefused(rung, expectedRung));
        (uint32 life, uint32 expected) = (verdict.life, rule.life);
        require(life == expected, LifeMismatch(life, expected));
    }

    function checkBlock(RuleState storage rule, uint64 notBefore, Verdict memory verdict) internal view {
        uint64 height = verdict.height;
        require(height < block.number, VerdictFuture(height, block.number));
        uint256 oldest;
        uint64 first;
        uint64 reach = rule.reach;
        // Neither is more than what it is taken from.
        unchecked {
            if (block.number > MAX_AGE) oldest = block.number - MAX_AGE;
            if (height > reach) first = height - reach;
        }
        require(height >= oldest, VerdictTooOld(height, oldest));
        (bytes32 claimed, bytes32 canonical) = (verdict.blockHash, BlockHash.read(height));
        require(canonical != 0 && claimed == canonical, BlockHashMismatch(height, claimed, canonical));
        uint64 last = rule.lastHeight;
        require(height > last || (height == last && rule.thin), VerdictStale(height, last));
        require(first > notBefore, VerdictStale(first, notBefore));
        uint64 armedAt = rule.armedAt;
        require(first >= armedAt, VerdictBeforeArming(first, armedAt));
    }

    function checkQuorum(
        Verdict memory verdict,
        Certificate calldata certificate,
        bytes32 digest_
    ) internal view returns (uint256[2] memory signers, uint256 signed, uint256 total) {
        (uint64 epoch, uint64 height, uint8 rung) = (verdict.epoch, verdict.height, verdict.rung);
        (
            uint256 openedAt,
            uint256 supersededAt,
            uint256 validUntil,
            uint256 rosterNonce,
            uint256 seats,
            uint256 maxRung
        ) = IRosterWords(address(COMMITTEE)).roster(epoch);
        bool inForce = openedAt != 0 && height > openedAt && (supersededAt == 0 || height <= supersededAt);
        require(inForce, RosterNotInForce(epoch, height));
        require(block.timestamp <= validUntil, RosterExpired(epoch, uint64(validUntil)));
        require(rung <= maxRung, RosterTooThin(epoch, rung, uint8(maxRung)));
        (signed, total) = Quorum.verify(address(COMMITTEE), uint32(rosterNonce), digest_, certificate);
        signers = Quorum.signers(certificate, seats);
        // Struck seats are among the signers.
        unchecked {
            signed -= bar(epoch, uint32(rosterNonce), signers);
        }
        require(Quorum.hasQuorum(rung, signed, total), QuorumMissed(signed, total, rung));
    }

    /// @notice Whether this weight would do for the highest rung.
    function isFull(uint64 epoch, uint256 signed, uint256 total) internal view returns (bool) {
        (, , , , , uint256 maxRung) = IRosterWords(address(COMMITTEE)).roster(epoch);
        return maxRung >= FULL_RUNG && Quorum.hasQuorum(FULL_RUNG, signed, total);
    }

    /// @notice Takes struck seats out of the signers, and answers their weight.
    /// @dev It stays in the total, and nobody else's signature is spoilt by theirs.
    function bar(uint64 epoch, uint32 rosterNonce, uint256[2] memory signers) internal view returns (uint256 weight) {
        uint256[2] storage seats = struckSeats[epoch];
        uint256 first = signers[0] & seats[0];
        uint256 second = signers[1] == 0 ? 0 : signers[1] & seats[1];
        if (first | second == 0) return 0;
        (signers[0], signers[1]) = (signers[0] ^ first, signers[1] ^ second);
        return Quorum.weightOf(address(COMMITTEE), rosterNonce, [first, second]);
    }

    /// @notice Trips the target, or answers the error with which the target itself has failed; any other is thrown on.
    function tripTarget(
        address target,
        Verdict memory verdict,
        Class class
    ) internal returns (uint64 until, bytes memory failure) {
        try HUB.trip(target, verdict.rung, verdict.life, class) returns (uint64 end_) {
            until = end_;
        } catch (bytes memory thrown) {
            failure = chargeFailure(verdict.coverageId, thrown);
        }
    }

    /// @notice The same of class B at rung 2, which more than two thirds may raise.
    /// @dev What fewer have tripped they may say once more of the same block: only theirs is an opinion.
    function hear(
        address target,
        Verdict memory verdict,
        RuleState storage rule,
        bool full
    ) internal returns (uint64 until, uint8 tripped, bytes memory failure) {
        if (full) {
            try HUB.opine(target, verdict.life, rule.family) returns (uint64 end_, uint8 tripped_) {
                (until, tripped) = (end_, tripped_);
            } catch (bytes memory thrown) {
                failure = chargeFailure(verdict.coverageId, thrown);
            }
        } else {
            require(verdict.height > rule.lastHeight, VerdictStale(verdict.height, rule.lastHeight));
            tripped = verdict.rung;
            (until, failure) = tripTarget(target, verdict, Class.B);
        }
        if (failure.length == 0) rule.thin = !full;
    }

    /// @notice Lets the owner pay for a target that has failed, so that hostile ones cannot empty hot wallets; but only the
    /// account that started the transaction, since a contract could have made an honest target fail by submitting from a
    /// callback of it, and once in so many blocks, without a tip, since some targets fail through nobody's fault. For the
    /// same reasons no verdict is spent.
    /// @dev Answers what was thrown, never nothing: an empty error is not the target's.
    function chargeFailure(bytes32 id, bytes memory thrown) internal returns (bytes memory) {
        bytes4 code = bytes4(thrown);
        bool itself = code == IBreakerHub.TripFailed.selector || code == IBreakerHub.TripHadNoEffect.selector;
        bool outermost = msg.sender == tx.origin && msg.sender.code.length == 0;
        uint256 last = failedAt[id];
        bool again = last != 0 && block.number < last + MAX_AGE;
        if (!itself || !outermost || again) {
            assembly ("memory-safe") {
                revert(add(thrown, 0x20), mload(thrown))
            }
        }
        failedAt[id] = block.number;
        return thrown;
    }

    function incidentOf(
        bytes32 id,
        bytes32 digest_,
        uint256[2] memory signers,
        uint256 signed,
        uint256 total,
        uint8 tripped,
        uint64 until
    ) internal view returns (bytes32) {
        uint64 now_ = uint64(block.timestamp);
        return VerdictHash.incident(book.incidents[id], digest_, signers, signed, total, tripped, now_, until);
    }

    /// @dev Locks, and returns the gas at which the refund's count starts. The base cost is counted once a transaction.
    function startMeter(uint256 unmetered) internal returns (uint256 meter) {
        uint256 state = enter();
        // Gas is far below 2^64.
        unchecked {
            meter = gasleft() + unmetered + (state == LEFT ? 0 : BASE_GAS);
        }
    }

    /* VIEWS */

    /// @inheritdoc IRegistry
    function struck(uint64 epoch) external view returns (uint256[2] memory) {
        return struckSeats[epoch];
    }

    /// @inheritdoc IRegistry
    function digest(Verdict calldata verdict) public view returns (bytes32) {
        return VerdictHash.digest(domain(), verdict);
    }

    /// @inheritdoc IRegistry
    function keyDigest(Verdict calldata verdict) external view returns (bytes32) {
        return VerdictHash.key(domain(), verdict);
    }

    /// @dev A fork of the chain gets a domain of its own.
    function domain() internal view returns (bytes32) {
        return block.chainid == HOME_CHAIN ? DOMAIN : VerdictHash.domain(block.chainid, address(this));
    }
}
