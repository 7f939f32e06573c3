// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Escrow} from "./Escrow.sol";
import {Rulebook} from "./Rulebook.sol";
import {Phase, Reference, Rule} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {IBreaker} from "./interfaces/IBreaker.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice The registry's coverages: who made them, which rules they have, and what is in their escrow.
abstract contract Coverages is IRegistry {
    /* CONSTANTS */

    uint256 internal constant MAX_MANIFEST = 24_576;
    /// Twice the age of a certificate, half of what providers keep states of.
    uint256 internal constant MAX_ANCHOR_AGE = 64;
    uint256 internal constant MAX_RULE_DELAY = 30 days;
    uint256 internal constant ASK_GAS = 100_000;

    // States of the lock, which each transaction starts anew.
    uint256 internal constant INSIDE = 1;
    uint256 internal constant LEFT = 2;

    /* IMMUTABLES */

    IBreakerHub public immutable HUB;
    Rulebook public immutable RULEBOOK;
    /// @inheritdoc IRegistry
    uint256 public immutable RULE_DELAY;

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
    /// @inheritdoc IRegistry
    mapping(bytes32 coverageId => bytes32) public rulesHash;
    uint256 internal transient lock;

    /* CONSTRUCTOR */

    /// @param hub Obeys this registry alone.
    constructor(IBreakerHub hub, uint256 ruleDelay) {
        require(ruleDelay <= MAX_RULE_DELAY, RuleDelayTooLong(ruleDelay, MAX_RULE_DELAY));
        HUB = hub;
        RULEBOOK = new Rulebook(hub);
        RULE_DELAY = ruleDelay;
    }

    modifier locked() {
        enter();
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
        uint256 number = nonce++;
        id = VerdictHash.coverageId(block.chainid, address(this), block.chainid, address(HUB), target, number);
        bytes32 former = coverageOf[target];
        (bytes32[] memory ruleIds, uint8 rungs) = setRules(id, rules_, manifest);
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
        HUB.rehearse(target, rungs);
    }

    /// @inheritdoc IRegistry
    function amend(
        bytes32 id,
        bytes32[] calldata formerIds,
        Rule[] calldata rules_,
        bytes calldata manifest
    ) external locked {
        address target = requireLive(id).target;
        requireOwner(id);
        (bytes32 named, bytes32 former) = (keccak256(abi.encodePacked(formerIds)), rulesHash[id]);
        require(named == former, RulesMismatch(id, named, former));
        (bytes32[] memory ruleIds, uint8 rungs) = setRules(id, rules_, manifest);
        for (uint256 i; i < formerIds.length; ++i) if (!isAmong(formerIds[i], ruleIds)) dropRule(id, formerIds[i]);
        emit Amended(id, ruleIds, manifest);
        // Refuses while anything is in force.
        HUB.release(target);
        HUB.rehearse(target, rungs);
    }

    /// @inheritdoc IRegistry
    function arm(bytes32 id, bytes32 ruleId, uint64 anchorHeight, bytes32 anchorHash) external locked {
        RuleState storage rule = requireRule(id, ruleId, Phase.Shadow);
        uint40 armableAt = rule.armableAt;
        require(block.timestamp >= armableAt, RuleTooYoung(ruleId, armableAt));
        bool young = uint256(anchorHeight) + MAX_ANCHOR_AGE >= block.number;
        bytes32 canonical = rule.anchored && young ? blockhash(anchorHeight) : bytes32(0);
        bool named = rule.anchored ? canonical != 0 : anchorHeight == 0;
        require(named && anchorHash == canonical, AnchorMismatch(anchorHeight, anchorHash, canonical));
        (rule.phase, rule.armedAt) = (Phase.Armed, uint40(block.number));
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
        Escrow.pay(msg.sender, amount);
    }

    /* INTERNAL */

    /// @return before State of the lock, which is closed from here on.
    function enter() internal returns (uint256 before) {
        before = lock;
        require(before != INSIDE, Reentered());
        lock = INSIDE;
    }

    function requireCoverable(address target) internal view {
        require(target.code.length != 0, TargetWithoutCode(target));
        address hub = ask(target, IBreaker.hub.selector);
        require(hub == address(HUB), TargetObeysAnotherHub(target, hub));
        address guardian = ask(target, IBreaker.guardian.selector);
        require(msg.sender == guardian, NotGuardian(msg.sender, guardian));
        bytes32 former = coverageOf[target];
        require(former == 0 || owners[former] != msg.sender, TargetAlreadyCovered(target, former));
    }

    /// @notice Makes these the coverage's rules. Those it has already are left as they are, others start in shadow.
    function setRules(
        bytes32 id,
        Rule[] calldata rules_,
        bytes calldata manifest
    ) internal returns (bytes32[] memory ruleIds, uint8 rungs) {
        require(manifest.length != 0 && manifest.length <= MAX_MANIFEST, ManifestLength(manifest.length, MAX_MANIFEST));
        (ruleIds, rungs) = RULEBOOK.check(rules_);
        rulesHash[id] = keccak256(abi.encodePacked(ruleIds));
        for (uint256 i; i < ruleIds.length; ++i) {
            if (rules[id][ruleIds[i]].phase != Phase.None) continue;
            Rule calldata rule = rules_[i];
            rules[id][ruleIds[i]] = RuleState({
                lastHeight: 0,
                armedAt: 0,
                armableAt: uint40(block.timestamp + RULE_DELAY),
                life: rule.life,
                rung: rule.rung,
                class: rule.class,
                phase: Phase.Shadow,
                reach: rule.hold + rule.lookback,
                anchored: rule.reference_ == Reference.Anchor,
                family: VerdictHash.family(rule.family),
                thin: false
            });
        }
    }

    function dropRule(bytes32 id, bytes32 ruleId) internal {
        delete rules[id][ruleId];
        delete anchor[id][ruleId];
    }

    function isAmong(bytes32 ruleId, bytes32[] memory ruleIds) internal pure returns (bool) {
        for (uint256 i; i < ruleIds.length; ++i) if (ruleIds[i] == ruleId) return true;
        return false;
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
}
