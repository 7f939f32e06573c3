// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BlockHash} from "./BlockHash.sol";
import {BreakerHub} from "./BreakerHub.sol";
import {Escrow} from "./Escrow.sol";
import {Quorum} from "./Quorum.sol";
import {Rulebook} from "./Rulebook.sol";
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
    /// Twice the age of a certificate, half of what providers keep states of.
    uint256 internal constant MAX_ANCHOR_AGE = 64;
    uint256 internal constant ASK_GAS = 100_000;
    // What cannot be metered, kept a little below what it costs so that no refund is a profit: a transaction's base cost,
    // the arguments, and what follows the last reading of the meter.
    uint256 internal constant BASE_GAS = 21_000;
    uint256 internal constant SUBMIT_GAS = 20_000;
    uint256 internal constant RELEASE_GAS = 10_800;

    // States of the lock, which each transaction starts anew.
    uint256 internal constant INSIDE = 1;
    uint256 internal constant LEFT = 2;

    /* IMMUTABLES */

    ICommittee public immutable COMMITTEE;
    IBreakerHub public immutable HUB;
    IEquivocationJudge public immutable JUDGE;
    Rulebook public immutable RULEBOOK;
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
    mapping(uint64 epoch => uint256[2] seats) internal struckSeats;
    /// @inheritdoc IRegistry
    mapping(bytes32 coverageId => uint256 height) public failedAt;
    uint256 internal transient lock;

    /* CONSTRUCTOR */

    constructor(ICommittee committee) {
        require(address(committee).code.length != 0, CommitteeWithoutCode(address(committee)));
        Bls.requirePrecompiles();
        COMMITTEE = committee;
        HUB = new BreakerHub();
        JUDGE = new EquivocationJudge();
        RULEBOOK = new Rulebook(HUB);
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
            close(former);
            HUB.end(target);
        }
        HUB.enrol(target);
    }

    /// @inheritdoc IRegistry
    function arm(bytes32 id, bytes32 ruleId, uint64 anchorHeight, bytes32 anchorHash) external locked {
        RuleState storage rule = requireRule(id, ruleId, Phase.Shadow);
        bool young = uint256(anchorHeight) + MAX_ANCHOR_AGE >= block.number;
        bytes32 canonical = rule.anchored && young ? blockhash(anchorHeight) : bytes32(0);
        bool named = rule.anchored ? canonical != 0 : anchorHeight == 0;
        require(named && anchorHash == canonical, AnchorMismatch(anchorHeight, anchorHash, canonical));
        (rule.phase, rule.armedAt) = (Phase.Armed, uint64(block.number));
        if (rule.anchored) anchor[id][ruleId] = anchorHash;
        emit Armed(id, ruleId, uint64(block.number), anchorHeight, anchorHash);
    }

    /// @inheritdoc IRegistry
    function disarm(bytes32 id, bytes32 ruleId) external locked {
        RuleState storage rule = requireRule(id, ruleId, Phase.Armed);
        (rule.phase, rule.armedAt) = (Phase.Shadow, 0);
        if (rule.anchored) delete anchor[id][ruleId];
        emit Disarmed(id, ruleId);
    }

    /// @inheritdoc IRegistry
    function retire(bytes32 id) external locked {
        address target = requireLive(id).target;
        requireOwner(id);
        delete coverageOf[target];
        close(id);
        HUB.end(target);
    }

    /// @inheritdoc IRegistry
    function fund(bytes32 id) external payable locked {
        require(msg.value != 0, AmountIsZero());
        Standing storage covered = requireLive(id);
        covered.escrow = Escrow.add(covered.escrow, msg.value);
        emit Funded(id, msg.value);
    }

    /// @inheritdoc IRegistry
    function defund(bytes32 id, uint96 amount) external locked {
        Standing storage covered = requireKnown(id);
        address owner = owners[id];
        require(msg.sender == owner, NotOwner(msg.sender, owner));
        require(covered.retired, CoverageLive(id));
        require(amount != 0, AmountIsZero());
        covered.escrow = Escrow.subtract(covered.escrow, amount);
        emit Defunded(id, amount);
        Escrow.pay(msg.sender, amount / Escrow.UNIT);
    }

    /* TRIPPING */

    /// @inheritdoc IRegistry
    function submit(Verdict calldata verdict_, Certificate calldata certificate) external returns (uint64 until) {
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
        (uint256[2] memory signers, uint256 signed, uint256 total) = checkQuorum(verdict, certificate, digest_);

        bytes memory failure;
        // Effects after it: the lock keeps the target out.
        (until, failure) = tripTarget(id, target, verdict.rung, verdict.life);
        if (failure.length == 0) {
            state.lastHeight = verdict.height;
            incidents[id] = incidentOf(id, digest_, signers, signed, total, until);
        }
        uint48 refund;
        // The meter started above what is left, and a refund is at most the escrow.
        unchecked {
            refund = Escrow.refund(escrow, meter - gasleft(), failure.length == 0 ? Escrow.MAX_TIP : 0);
            standing.escrow = escrow - refund;
        }
        if (failure.length != 0) emit TargetFailed(id, ruleId, digest_, msg.sender, refund * Escrow.UNIT, failure);
        else
            emit Incident(
                id,
                ruleId,
                digest_,
                verdict,
                signers,
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
            // What a target clears gives back up to a fifth of a transaction's gas (EIP-3529).
            uint48 refund =
                covered.retired ? 0 : Escrow.refund(covered.escrow, ((meter - gasleft()) * 4) / 5, Escrow.MAX_TIP);
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
        address hub = ask(target, IBreaker.hub.selector);
        require(hub == address(HUB), TargetObeysAnotherHub(target, hub));
        address guardian = ask(target, IBreaker.guardian.selector);
        require(msg.sender == guardian, NotGuardian(msg.sender, guardian));
        bytes32 former = coverageOf[target];
        require(former == 0 || owners[former] != msg.sender, TargetAlreadyCovered(target, former));
    }

    function addRules(bytes32 id, Rule[] calldata rules_) internal returns (bytes32[] memory ruleIds) {
        ruleIds = RULEBOOK.check(rules_);
        for (uint256 i; i < ruleIds.length; ++i) {
            Rule calldata rule = rules_[i];
            RuleState storage state = rules[id][ruleIds[i]];
            require(state.phase == Phase.None, RuleDuplicate(ruleIds[i]));
            (state.life, state.rung, state.class, state.phase) = (rule.life, rule.rung, rule.class, Phase.Shadow);
            (state.reach, state.anchored) = (rule.hold + rule.lookback, rule.reference_ == Reference.Anchor);
        }
    }

    /// @dev The rule, whose coverage must be the caller's.
    function requireRule(bytes32 id, bytes32 ruleId, Phase phase) internal view returns (RuleState storage rule) {
        requireLive(id);
        requireOwner(id);
        rule = rules[id][ruleId];
        require(rule.phase != Phase.None, RuleUnknown(ruleId));
        require(rule.phase == phase, RuleInPhase(ruleId, rule.phase));
    }

    function close(bytes32 id) internal {
        Standing storage covered = coverages[id];
        (covered.retired, covered.notBefore) = (true, uint40(block.number));
        emit Retired(id);
    }

    function requireKnown(bytes32 id) internal view returns (Standing storage covered) {
        covered = coverages[id];
        require(covered.target != address(0), CoverageUnknown(id));
    }

    function requireLive(bytes32 id) internal view returns (Standing storage covered) {
        covered = requireKnown(id);
        require(!covered.retired, CoverageRetired(id));
    }

    /// @dev A former guardian's hot key must not end trips. A target that cannot say who guards it holds nobody up.
    function requireOwner(bytes32 id) internal view {
        address owner = owners[id];
        require(msg.sender == owner, NotOwner(msg.sender, owner));
        address guardian = ask(coverages[id].target, IBreaker.guardian.selector);
        require(guardian == address(0) || guardian == owner, NotGuardian(owner, guardian));
    }

    /// @dev The address a target answers with, zero when it answers with none, whatever else it does.
    function ask(address target, bytes4 question) internal view returns (address) {
        bytes32 input = bytes32(question);
        uint256 word;
        assembly ("memory-safe") {
            mstore(0, input)
            let ran := staticcall(ASK_GAS, target, 0, 4, 0, 0x20)
            word := mul(mload(0), and(ran, gt(returndatasize(), 0x1f)))
        }
        return word > type(uint160).max ? address(0) : address(uint160(word));
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
        (bytes32 claimed, bytes32 canonical) = (verdict.blockHash, BlockHash.read(height));
        require(canonical != 0 && claimed == canonical, BlockHashMismatch(height, claimed, canonical));
        uint64 last = rule.lastHeight;
        require(height > last, VerdictStale(height, last));
        uint64 first = height - uint64(Math.min(height, rule.reach));
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
        signed -= bar(epoch, uint32(rosterNonce), signers);
        require(Quorum.hasQuorum(rung, signed, total), QuorumMissed(signed, total, rung));
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
    /// @dev The owner pays for such a failure, so that hostile targets cannot empty hot wallets; but only the account
    /// that started the transaction, since a contract could have made an honest target fail by submitting from a callback
    /// of it, and once in so many blocks, without a tip, since some targets fail through nobody's fault. For the same
    /// reasons no verdict is spent.
    function tripTarget(
        bytes32 id,
        address target,
        uint8 rung,
        uint32 life
    ) internal returns (uint64 until, bytes memory failure) {
        try HUB.trip(target, rung, life) returns (uint64 end_) {
            return (end_, failure);
        } catch (bytes memory thrown) {
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
            return (0, thrown);
        }
    }

    function incidentOf(
        bytes32 id,
        bytes32 digest_,
        uint256[2] memory signers,
        uint256 signed,
        uint256 total,
        uint64 until
    ) internal view returns (bytes32) {
        return VerdictHash.incident(incidents[id], digest_, signers, signed, total, uint64(block.timestamp), until);
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
