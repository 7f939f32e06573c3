// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHash} from "./BlockHash.sol";
import {BreakerHub} from "./BreakerHub.sol";
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
import {EquivocationJudge} from "./judges/EquivocationJudge.sol";

/// @notice The entry: coverages, their rules, and the verdicts that trip them.
contract Registry is IRegistry {
    /* CONSTANTS */

    uint256 internal constant MAX_RULES = 16;
    uint256 internal constant MAX_MANIFEST = 24_576;
    uint256 internal constant MAX_AGE = 32;
    uint256 internal constant MAX_TIP = 2 gwei;
    uint256 internal constant MAX_REFUND_GAS = 3_000_000;
    // What cannot be metered, kept a little below what it costs so that no refund is a profit: a transaction's base cost,
    // the arguments, and what follows the last reading of the meter.
    uint256 internal constant BASE_GAS = 21_000;
    uint256 internal constant SUBMIT_GAS = 20_000;
    uint256 internal constant SEAT_WORD_GAS = 400;
    uint256 internal constant RELEASE_GAS = 10_000;

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

    uint256 public nonce;
    mapping(bytes32 coverageId => Coverage) internal coverages;
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
        require(
            manifest.length != 0 && manifest.length <= MAX_MANIFEST,
            ManifestLength(manifest.length, MAX_MANIFEST)
        );
        uint256 number = nonce++;
        id = VerdictHash.coverageId(block.chainid, address(this), block.chainid, address(HUB), target, number);
        bytes32 former = coverageOf[target];
        bytes32[] memory ruleIds = addRules(id, rules_);
        coverageOf[target] = id;
        Coverage storage covered = coverages[id];
        covered.target = target;
        covered.owner = msg.sender;
        covered.incidents = id;
        addEscrow(covered, msg.value);
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
        bytes32 hash;
        if (anchored[id][ruleId]) {
            hash = blockhash(block.number - 1);
            anchor[id][ruleId] = hash;
        }
        emit Armed(id, ruleId, uint64(block.number), hash);
    }

    /// @inheritdoc IRegistry
    function retire(bytes32 id) external locked {
        Coverage storage covered = requireLive(id);
        requireOwner(id);
        covered.retired = true;
        uint256 escrow = covered.escrow;
        covered.escrow = 0;
        delete coverageOf[covered.target];
        emit Retired(id);
        HUB.end(covered.target);
        pay(msg.sender, escrow);
    }

    /// @inheritdoc IRegistry
    function fund(bytes32 id) external payable locked {
        addEscrow(requireLive(id), msg.value);
        emit Funded(id, msg.value);
    }

    /// @inheritdoc IRegistry
    function defund(bytes32 id, uint96 amount) external locked {
        Coverage storage covered = requireKnown(id);
        requireOwner(id);
        uint8 rung = covered.retired ? 0 : HUB.rungOf(covered.target);
        require(rung == 0, DefundWhileTripped(covered.target, rung));
        require(amount <= covered.escrow, EscrowShort(amount, covered.escrow));
        covered.escrow -= amount;
        emit Defunded(id, amount);
        pay(msg.sender, amount);
    }

    /* TRIPPING */

    /// @inheritdoc IRegistry
    function submit(Verdict calldata verdict, Certificate calldata certificate) external {
        uint256 meter = startMeter(SUBMIT_GAS + SEAT_WORD_GAS * certificate.seats.length);
        Coverage storage covered = requireLive(verdict.coverageId);
        RuleState storage state = rules[verdict.coverageId][verdict.ruleId];
        RuleState memory rule = state;
        checkRule(rule, verdict);
        checkBlock(verdict.height, verdict.blockHash);
        checkReplay(rule, covered.notBefore, verdict);
        bytes32 digest_ = digest(verdict);
        (uint256 signed, uint256 total) = checkQuorum(verdict, certificate, digest_);

        state.lastHeight = verdict.height;
        state.lastRung = verdict.rung;
        covered.incidents = keccak256(
            abi.encode(covered.incidents, digest_, certificate.listsSigners, certificate.seats)
        );
        uint64 until = HUB.trip(covered.target, verdict.rung, verdict.life);
        uint256 refund = takeRefund(covered, meter);
        emit Incident(
            verdict.coverageId,
            verdict.ruleId,
            digest_,
            verdict,
            certificate.listsSigners,
            certificate.seats,
            signed,
            total,
            until,
            msg.sender,
            refund
        );
        pay(msg.sender, refund);
        lock = LEFT;
    }

    /// @inheritdoc IRegistry
    function end(bytes32 id) external locked {
        Coverage storage covered = requireLive(id);
        requireOwner(id);
        covered.notBefore = uint64(block.number);
        emit Ended(id, uint64(block.number));
        HUB.end(covered.target);
    }

    /// @inheritdoc IRegistry
    function release(bytes32 id) external {
        uint256 meter = startMeter(RELEASE_GAS);
        Coverage storage covered = requireKnown(id);
        if (HUB.release(covered.target)) {
            // A retired coverage may be of a target that somebody else answers for now.
            uint256 refund = covered.retired ? 0 : takeRefund(covered, meter);
            emit Released(id, msg.sender, refund);
            pay(msg.sender, refund);
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
        require(former == 0 || coverages[former].owner != msg.sender, TargetAlreadyCovered(target, former));
    }

    function addRules(bytes32 id, Rule[] calldata rules_) internal returns (bytes32[] memory ruleIds) {
        ruleIds = new bytes32[](rules_.length);
        for (uint256 i; i < rules_.length; ++i) {
            Rule calldata rule = rules_[i];
            require(rule.rung != 0 && rule.rung <= 3, RuleInvalid(i, "rung"));
            RuleCheck.requireValid(i, rule, HUB.longestLife(rule.rung), scanned);
            bytes32 ruleId = VerdictHash.ruleId(rule);
            RuleState storage state = rules[id][ruleId];
            require(state.phase == Phase.None, RuleDuplicate(ruleId));
            (state.life, state.rung, state.class, state.phase) = (rule.life, rule.rung, rule.class, Phase.Shadow);
            if (rule.reference_ == Reference.Anchor) anchored[id][ruleId] = true;
            ruleIds[i] = ruleId;
        }
    }

    function requireKnown(bytes32 id) internal view returns (Coverage storage covered) {
        covered = coverages[id];
        require(covered.target != address(0), CoverageUnknown(id));
    }

    function requireLive(bytes32 id) internal view returns (Coverage storage covered) {
        covered = requireKnown(id);
        require(!covered.retired, CoverageRetired(id));
    }

    function requireOwner(bytes32 id) internal view {
        address owner = coverages[id].owner;
        require(msg.sender == owner, NotOwner(msg.sender, owner));
    }

    /* INTERNAL: VERDICT */

    function checkRule(RuleState memory rule, Verdict calldata verdict) internal view {
        require(rule.phase != Phase.None, RuleUnknown(verdict.ruleId));
        require(rule.phase == Phase.Armed, RuleNotArmed(verdict.ruleId, rule.phase));
        require(verdict.observedChainId == block.chainid, ObservedChainUnsupported(verdict.observedChainId));
        require(verdict.subject == 0, SubjectUnsupported(verdict.subject));
        // A proof says exactly what its rule says; what cannot be proven may also say less.
        bool refused = rule.class == Class.A ? verdict.rung != rule.rung : verdict.rung == 0 || verdict.rung > rule.rung;
        require(!refused, RungRefused(verdict.rung, rule.rung));
        require(verdict.life == rule.life, LifeMismatch(verdict.life, rule.life));
    }

    function checkBlock(uint64 height, bytes32 blockHash) internal view {
        require(height < block.number, VerdictFuture(height, block.number));
        require(height + MAX_AGE >= block.number, VerdictTooOld(height, block.number - MAX_AGE));
        bytes32 canonical = BlockHash.at(height);
        require(canonical != 0 && blockHash == canonical, BlockHashMismatch(height, blockHash, canonical));
    }

    function checkReplay(RuleState memory rule, uint64 notBefore, Verdict calldata verdict) internal pure {
        uint64 height = verdict.height;
        require(height > notBefore, VerdictStale(height, notBefore));
        require(
            height > rule.lastHeight || (height == rule.lastHeight && verdict.rung > rule.lastRung),
            VerdictStale(height, rule.lastHeight)
        );
        require(height >= rule.armedAt, VerdictBeforeArming(height, rule.armedAt));
    }

    function checkQuorum(
        Verdict calldata verdict,
        Certificate calldata certificate,
        bytes32 digest_
    ) internal view returns (uint256 signed, uint256 total) {
        uint64 epoch = verdict.epoch;
        uint8 rung = verdict.rung;
        ICommittee.Roster memory roster = COMMITTEE.roster(epoch);
        bool inForce = roster.openedAt != 0 &&
            verdict.height > roster.openedAt &&
            (roster.supersededAt == 0 || verdict.height <= roster.supersededAt);
        require(inForce, RosterNotInForce(epoch, verdict.height));
        require(block.timestamp <= roster.validUntil, RosterExpired(epoch, roster.validUntil));
        require(rung <= roster.maxRung, RosterTooThin(epoch, rung, roster.maxRung));
        uint256[2] memory signers = Quorum.signers(certificate, roster.seats);
        for (uint256 word; word * 256 < roster.seats; ++word) {
            uint256 barred = signers[word] & struckSeats[epoch][word];
            require(barred == 0, SeatsStruck(epoch, word, barred));
        }
        (signed, total) = Quorum.verify(address(COMMITTEE), roster.nonce, digest_, certificate);
        // More than a third, a half, two thirds.
        bool reached = rung == 1 ? signed * 3 > total : rung == 2 ? signed * 2 > total : signed * 3 > total * 2;
        require(reached, QuorumMissed(signed, total, rung));
    }

    /* INTERNAL: MONEY */

    /// @dev Locks, and returns the gas at which the refund's count starts. The base cost is counted once a transaction.
    function startMeter(uint256 unmetered) internal returns (uint256 meter) {
        meter = gasleft() + unmetered;
        uint256 state = lock;
        require(state != INSIDE, Reentered());
        if (state != LEFT) meter += BASE_GAS;
        lock = INSIDE;
    }

    function takeRefund(Coverage storage covered, uint256 meter) internal returns (uint256 refund) {
        uint256 tip = tx.gasprice > block.basefee ? tx.gasprice - block.basefee : 0;
        uint256 price = block.basefee + (tip < MAX_TIP ? tip : MAX_TIP);
        uint256 escrow = covered.escrow;
        uint256 used = meter - gasleft();
        refund = (used < MAX_REFUND_GAS ? used : MAX_REFUND_GAS) * price;
        if (refund > escrow) refund = escrow;
        // Not more than the escrow was.
        unchecked {
            covered.escrow = uint96(escrow - refund);
        }
    }

    function addEscrow(Coverage storage covered, uint256 amount) internal {
        uint256 escrow = covered.escrow;
        require(escrow + amount <= type(uint96).max, EscrowFull(escrow, amount));
        covered.escrow = uint96(escrow + amount);
    }

    /// @dev `to.call{value: amount}("")` that copies nothing of the answer.
    function pay(address to, uint256 amount) internal {
        if (amount == 0) return;
        bool paid;
        assembly ("memory-safe") {
            paid := call(gas(), to, amount, 0, 0, 0, 0)
        }
        require(paid, PaymentFailed(to, amount));
    }

    /* VIEWS */

    /// @inheritdoc IRegistry
    function coverage(bytes32 id) external view returns (Coverage memory) {
        return requireKnown(id);
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
