// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BlockHash} from "./BlockHash.sol";
import {BreakerHub} from "./BreakerHub.sol";
import {Escrow} from "./Escrow.sol";
import {Quorum} from "./Quorum.sol";
import {RuleCheck} from "./RuleCheck.sol";
import {Certificate, Class, Phase, Reference, Rule, Verdict} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {Bls} from "./bls/Bls.sol";
import {IBreaker} from "./interfaces/IBreaker.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IEquivocationJudge} from "./interfaces/IEquivocationJudge.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {IRosterWords} from "./interfaces/IRosterWords.sol";
import {EquivocationJudge} from "./judges/EquivocationJudge.sol";

/// @notice The entry: coverages, their rules, and the verdicts that trip them.
contract Registry is IRegistry {
    /* CONSTANTS */

    uint256 internal constant MAX_RULES = 16;
    uint256 internal constant MAX_MANIFEST = 24_576;
    uint256 internal constant MAX_AGE = 32;
    // What cannot be metered, kept a little below what it costs so that no refund is a profit: a transaction's base cost,
    // the arguments, and what follows the last reading of the meter.
    uint256 internal constant BASE_GAS = 21_000;
    uint256 internal constant SUBMIT_GAS = 20_000;
    /// Less the 4,800 that a target which clears its word gives back.
    uint256 internal constant RELEASE_GAS = 6_000;

    // States of the lock, which each transaction starts anew.
    uint256 internal constant INSIDE = 1;
    uint256 internal constant LEFT = 2;

    /* IMMUTABLES */

    ICommittee public immutable COMMITTEE;
    IBreakerHub public immutable HUB;
    IEquivocationJudge public immutable JUDGE;
    uint256 internal immutable HOME_CHAIN;
    bytes32 internal immutable DOMAIN;

    /* STORAGE */

    /// @dev All that a trip needs of its coverage; one word. The escrow is in gwei.
    struct Standing {
        address target;
        uint40 notBefore;
        uint48 escrow;
        bool retired;
    }

    uint256 public nonce;
    mapping(bytes32 coverageId => Standing) internal coverages;
    mapping(bytes32 coverageId => address) internal owners;
    mapping(bytes32 coverageId => bytes32) internal incidents;
    /// @inheritdoc IRegistry
    mapping(address target => bytes32 coverageId) public coverageOf;
    mapping(bytes32 coverageId => mapping(bytes32 ruleId => RuleState)) internal rules;
    /// @inheritdoc IRegistry
    mapping(bytes32 coverageId => mapping(bytes32 ruleId => bytes32 blockHash)) public anchor;
    mapping(bytes32 coverageId => mapping(bytes32 ruleId => bool)) internal anchored;
    mapping(uint64 epoch => uint256[2] seats) internal struckSeats;
    mapping(bytes32 codeHash => bool) internal scanned;
    uint256 internal transient lock;

    /* CONSTRUCTOR */

    constructor(ICommittee committee) {
        Bls.requirePrecompiles();
        COMMITTEE = committee;
        HUB = new BreakerHub();
        JUDGE = new EquivocationJudge();
        HOME_CHAIN = block.chainid;
        DOMAIN = VerdictHash.domain(block.chainid, address(this));
    }

    modifier locked() {
        require(lock != INSIDE, Reentered());
        lock = INSIDE;
        _;
        lock = LEFT;
    }

    /* COVERING */

    /// @inheritdoc IRegistry
    function cover(
        address target,
        Rule[] calldata rules_,
        bytes calldata manifest
    ) external payable locked returns (bytes32 id) {
        requireCoverable(target);
        require(rules_.length != 0 && rules_.length <= MAX_RULES, RuleCount(rules_.length, MAX_RULES));
        require(manifest.length != 0 && manifest.length <= MAX_MANIFEST, ManifestLength(manifest.length, MAX_MANIFEST));
        uint256 number = nonce++;
        id = VerdictHash.coverageId(block.chainid, address(this), block.chainid, address(HUB), target, number);
        bytes32 former = coverageOf[target];
        bytes32[] memory ruleIds = addRules(id, rules_);
        coverageOf[target] = id;
        coverages[id] = Standing(target, 0, Escrow.add(0, msg.value), false);
        owners[id] = msg.sender;
        incidents[id] = id;
        emit Covered(id, target, msg.sender, number, ruleIds, manifest);
        if (msg.value != 0) emit Funded(id, msg.value);
        if (former != 0) {
            coverages[former].retired = true;
            emit Retired(former);
            HUB.end(target);
        }
        HUB.enrol(target);
    }

    /// @inheritdoc IRegistry
    function arm(bytes32 id, bytes32 ruleId) external locked {
        requireLive(id);
        requireOwner(id);
        RuleState storage rule = rules[id][ruleId];
        require(rule.phase != Phase.None, RuleUnknown(ruleId));
        require(rule.phase == Phase.Shadow, RuleNotInShadow(ruleId, rule.phase));
        rule.phase = Phase.Armed;
        rule.armedAt = uint64(block.number);
        bytes32 hash = anchored[id][ruleId] ? blockhash(block.number - 1) : bytes32(0);
        if (hash != 0) anchor[id][ruleId] = hash;
        emit Armed(id, ruleId, uint64(block.number), hash);
    }

    /// @inheritdoc IRegistry
    function retire(bytes32 id) external locked {
        Standing storage covered = requireLive(id);
        requireOwner(id);
        uint48 units = covered.escrow;
        (covered.retired, covered.escrow) = (true, 0);
        delete coverageOf[covered.target];
        emit Retired(id);
        HUB.end(covered.target);
        Escrow.pay(msg.sender, units);
    }

    /// @inheritdoc IRegistry
    function fund(bytes32 id) external payable locked {
        Standing storage covered = requireLive(id);
        covered.escrow = Escrow.add(covered.escrow, msg.value);
        emit Funded(id, msg.value);
    }

    /// @inheritdoc IRegistry
    function defund(bytes32 id, uint96 amount) external locked {
        Standing storage covered = requireKnown(id);
        requireOwner(id);
        uint8 rung = covered.retired ? 0 : HUB.rungOf(covered.target);
        require(rung == 0, DefundWhileTripped(covered.target, rung));
        covered.escrow = Escrow.subtract(covered.escrow, amount);
        emit Defunded(id, amount);
        Escrow.pay(msg.sender, amount / Escrow.UNIT);
    }

    /* TRIPPING */

    /// @inheritdoc IRegistry
    function submit(Verdict calldata verdict_, Certificate calldata certificate) external {
        (bool listsSigners, uint256[] calldata seats) = (certificate.listsSigners, certificate.seats);
        uint256 meter = startMeter(SUBMIT_GAS);
        Verdict memory verdict = verdict_;
        (bytes32 id, bytes32 ruleId) = (verdict.coverageId, verdict.ruleId);
        Standing storage standing = coverages[id];
        (address target, uint48 escrow, uint40 notBefore) = (standing.target, standing.escrow, standing.notBefore);
        require(target != address(0), CoverageUnknown(id));
        require(!standing.retired, CoverageRetired(id));
        RuleState storage state = rules[id][ruleId];
        checkRule(state, verdict);
        checkBlock(state, notBefore, verdict);
        bytes32 digest_ = VerdictHash.digest(domain(), verdict);
        (uint256 signed, uint256 total) = checkQuorum(verdict, certificate, digest_);

        state.lastHeight = verdict.height;
        incidents[id] = keccak256(abi.encode(incidents[id], digest_, listsSigners, seats));
        uint64 until = HUB.trip(target, verdict.rung, verdict.life);
        uint48 refund;
        // The meter started above what is left, and a refund is at most the escrow.
        unchecked {
            refund = Escrow.refund(escrow, meter - gasleft());
            standing.escrow = escrow - refund;
        }
        emit Incident(
            id,
            ruleId,
            digest_,
            verdict,
            listsSigners,
            seats,
            signed,
            total,
            until,
            msg.sender,
            refund * Escrow.UNIT
        );
        Escrow.pay(msg.sender, refund);
        lock = LEFT;
    }

    /// @inheritdoc IRegistry
    function end(bytes32 id) external locked {
        Standing storage covered = requireLive(id);
        requireOwner(id);
        covered.notBefore = uint40(block.number);
        emit Ended(id, uint64(block.number));
        HUB.end(covered.target);
    }

    /// @inheritdoc IRegistry
    function release(bytes32 id) external {
        uint256 meter = startMeter(RELEASE_GAS);
        Standing storage covered = requireKnown(id);
        if (HUB.release(covered.target)) {
            // A retired coverage may be of a target that somebody else answers for now.
            uint48 refund = covered.retired ? 0 : Escrow.refund(covered.escrow, meter - gasleft());
            covered.escrow -= refund;
            emit Released(id, msg.sender, refund * Escrow.UNIT);
            Escrow.pay(msg.sender, refund);
        }
        lock = LEFT;
    }

    /// @inheritdoc IRegistry
    /// @dev Not locked: a target may not keep a proof out by being called.
    function strike(uint64 epoch, uint256[2] calldata seats) external {
        require(msg.sender == address(JUDGE), NotJudge(msg.sender));
        struckSeats[epoch][0] |= seats[0];
        struckSeats[epoch][1] |= seats[1];
        emit Struck(epoch, seats);
    }

    /* INTERNAL: COVERAGE */

    function requireCoverable(address target) internal view {
        require(target.code.length != 0, TargetWithoutCode(target));
        address hub = IBreaker(target).hub();
        require(hub == address(HUB), TargetObeysAnotherHub(target, hub));
        address guardian = IBreaker(target).guardian();
        require(msg.sender == guardian, NotGuardian(msg.sender, guardian));
        bytes32 former = coverageOf[target];
        require(former == 0 || owners[former] != msg.sender, TargetAlreadyCovered(target, former));
    }

    function addRules(bytes32 id, Rule[] calldata rules_) internal returns (bytes32[] memory ruleIds) {
        ruleIds = new bytes32[](rules_.length);
        for (uint256 i; i < rules_.length; ++i) {
            Rule calldata rule = rules_[i];
            RuleCheck.requireValid(i, rule, HUB, scanned);
            bytes32 ruleId = VerdictHash.ruleId(rule);
            RuleState storage state = rules[id][ruleId];
            require(state.phase == Phase.None, RuleDuplicate(ruleId));
            (state.life, state.rung, state.class, state.phase) = (rule.life, rule.rung, rule.class, Phase.Shadow);
            state.hold = rule.hold;
            if (rule.reference_ == Reference.Anchor) anchored[id][ruleId] = true;
            ruleIds[i] = ruleId;
        }
    }

    function requireKnown(bytes32 id) internal view returns (Standing storage covered) {
        covered = coverages[id];
        require(covered.target != address(0), CoverageUnknown(id));
    }

    function requireLive(bytes32 id) internal view returns (Standing storage covered) {
        covered = requireKnown(id);
        require(!covered.retired, CoverageRetired(id));
    }

    function requireOwner(bytes32 id) internal view {
        address owner = owners[id];
        require(msg.sender == owner, NotOwner(msg.sender, owner));
    }

    /* INTERNAL: VERDICT */

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
        uint256 oldest = Math.saturatingSub(block.number, MAX_AGE);
        require(height >= oldest, VerdictTooOld(height, oldest));
        (bytes32 claimed, bytes32 canonical) = (verdict.blockHash, BlockHash.at(height));
        require(canonical != 0 && claimed == canonical, BlockHashMismatch(height, claimed, canonical));
        uint64 last = rule.lastHeight;
        require(height > last, VerdictStale(height, last));
        uint64 first = height - uint64(Math.min(height, rule.hold));
        require(first > notBefore, VerdictStale(first, notBefore));
        uint64 armedAt = rule.armedAt;
        require(first >= armedAt, VerdictBeforeArming(first, armedAt));
    }

    function checkQuorum(
        Verdict memory verdict,
        Certificate calldata certificate,
        bytes32 digest_
    ) internal view returns (uint256 signed, uint256 total) {
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
        checkStruck(epoch, 0, seats, certificate);
        if (seats > 256) checkStruck(epoch, 1, seats, certificate);
        (signed, total) = Quorum.verify(address(COMMITTEE), uint32(rosterNonce), digest_, certificate);
        // More than a third, a half, two thirds, of weights that are 64 bits at most.
        unchecked {
            bool reached =
                rung == 1
                    ? signed * 3 > total
                    : rung == 2
                        ? signed * 2 > total
                        : signed * 3 > total * 2;
            require(reached, QuorumMissed(signed, total, rung));
        }
    }

    function checkStruck(uint64 epoch, uint256 word, uint256 seats, Certificate calldata certificate) internal view {
        uint256 barred = struckSeats[epoch][word];
        if (barred != 0) barred &= Quorum.signers(certificate, seats)[word];
        require(barred == 0, SeatsStruck(epoch, word, barred));
    }

    /// @dev Locks, and returns the gas at which the refund's count starts. The base cost is counted once a transaction.
    function startMeter(uint256 unmetered) internal returns (uint256 meter) {
        uint256 state = lock;
        require(state != INSIDE, Reentered());
        lock = INSIDE;
        // Gas is far below 2^64.
        unchecked {
            meter = gasleft() + unmetered + (state == LEFT ? 0 : BASE_GAS);
        }
    }

    /* VIEWS */

    /// @inheritdoc IRegistry
    function coverage(bytes32 id) external view returns (Coverage memory) {
        Standing memory covered = requireKnown(id);
        return
            Coverage({
                target: covered.target,
                notBefore: covered.notBefore,
                retired: covered.retired,
                owner: owners[id],
                escrow: uint96(covered.escrow * Escrow.UNIT),
                incidents: incidents[id]
            });
    }

    /// @inheritdoc IRegistry
    function ruleState(bytes32 id, bytes32 ruleId) external view returns (RuleState memory) {
        return rules[id][ruleId];
    }

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
