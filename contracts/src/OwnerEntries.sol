// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, Books, Standing} from "./Book.sol";
import {Escrow} from "./Escrow.sol";
import {Rulebook} from "./Rulebook.sol";
import {Phase, Reference, Rule} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {IBreaker} from "./interfaces/IBreaker.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice What the owners of coverages do, linked to the registry at its deployment: it has no room for it.
/// @dev Runs in the registry's name on the book it is lent, and has no state of its own. The registry has locked itself
/// and, but for `cover`, checked who calls.
library OwnerEntries {
    using Books for Book;

    /// @notice The parts of the registry that the entries act on.
    struct Parts {
        IBreakerHub hub;
        Rulebook rulebook;
        uint256 ruleDelay;
    }

    uint256 internal constant MAX_MANIFEST = 24_576;
    /// Twice the age of a certificate, half of what providers keep states of.
    uint256 internal constant MAX_ANCHOR_AGE = 64;

    /// @notice `IRegistry.cover`.
    function cover(
        Book storage book,
        Parts memory parts,
        address target,
        Rule[] calldata rules,
        bytes calldata manifest,
        uint256 value
    ) external returns (bytes32 id) {
        requireCoverable(book, parts.hub, target);
        uint256 number = book.nonce++;
        id = VerdictHash.coverageId(block.chainid, address(this), block.chainid, address(parts.hub), target, number);
        bytes32 former = book.coverageOf[target];
        (bytes32[] memory ruleIds, uint8 rungs) = setRules(book, parts, id, rules, manifest);
        book.coverageOf[target] = id;
        book.coverages[id] = Standing(target, 0, Escrow.add(0, value), false);
        book.owners[id] = msg.sender;
        book.incidents[id] = id;
        emit IRegistry.Covered(id, target, msg.sender, number, ruleIds, manifest);
        if (value != 0) emit IRegistry.Funded(id, value);
        if (former != 0) {
            close(book, former);
            parts.hub.end(target);
        }
        parts.hub.enrol(target);
        parts.hub.rehearse(target, rungs);
    }

    /// @notice `IRegistry.amend`.
    function amend(
        Book storage book,
        Parts memory parts,
        bytes32 id,
        bytes32[] calldata formerIds,
        Rule[] calldata rules,
        bytes calldata manifest
    ) external {
        (bytes32 named, bytes32 former) = (keccak256(abi.encodePacked(formerIds)), book.rulesHashes[id]);
        require(named == former, IRegistry.RulesMismatch(id, named, former));
        (bytes32[] memory ruleIds, uint8 rungs) = setRules(book, parts, id, rules, manifest);
        for (uint256 i; i < formerIds.length; ++i)
            if (!isAmong(formerIds[i], ruleIds)) dropRule(book, id, formerIds[i]);
        emit IRegistry.Amended(id, ruleIds, manifest);
        // Refuses while anything is in force.
        parts.hub.rehearse(book.coverages[id].target, rungs);
    }

    /// @notice `IRegistry.arm`.
    function arm(Book storage book, bytes32 id, bytes32 ruleId, uint64 anchorHeight, bytes32 anchorHash) external {
        IRegistry.RuleState storage rule = requireRule(book, id, ruleId, Phase.Shadow);
        uint40 armableAt = rule.armableAt;
        require(block.timestamp >= armableAt, IRegistry.RuleTooYoung(ruleId, armableAt));
        bool young = uint256(anchorHeight) + MAX_ANCHOR_AGE >= block.number;
        bytes32 canonical = rule.anchored && young ? blockhash(anchorHeight) : bytes32(0);
        bool named = rule.anchored ? canonical != 0 : anchorHeight == 0;
        require(named && anchorHash == canonical, IRegistry.AnchorMismatch(anchorHeight, anchorHash, canonical));
        (rule.phase, rule.armedAt) = (Phase.Armed, uint40(block.number));
        if (rule.anchored) book.anchors[id][ruleId] = anchorHash;
        emit IRegistry.Armed(id, ruleId, uint64(block.number), anchorHeight, anchorHash);
    }

    /// @notice `IRegistry.disarm`.
    function disarm(Book storage book, bytes32 id, bytes32 ruleId) external {
        IRegistry.RuleState storage rule = requireRule(book, id, ruleId, Phase.Armed);
        (rule.phase, rule.armedAt) = (Phase.Shadow, 0);
        if (rule.anchored) delete book.anchors[id][ruleId];
        emit IRegistry.Disarmed(id, ruleId);
    }

    /// @notice `IRegistry.retire`.
    function retire(Book storage book, IBreakerHub hub, bytes32 id) external {
        address target = book.coverages[id].target;
        delete book.coverageOf[target];
        close(book, id);
        hub.end(target);
    }

    /// @notice `IRegistry.fund`.
    function fund(Book storage book, bytes32 id, uint256 value) external {
        require(value != 0, IRegistry.AmountIsZero());
        Standing storage covered = book.requireLive(id);
        covered.escrow = Escrow.add(covered.escrow, value);
        emit IRegistry.Funded(id, value);
    }

    /// @notice `IRegistry.defund`.
    function defund(Book storage book, bytes32 id, uint96 amount) external {
        Standing storage covered = book.coverages[id];
        require(covered.retired, IRegistry.CoverageLive(id));
        require(amount != 0, IRegistry.AmountIsZero());
        covered.escrow = Escrow.subtract(covered.escrow, amount);
        emit IRegistry.Defunded(id, amount);
        Escrow.pay(msg.sender, amount);
    }

    /* INTERNAL */

    function requireCoverable(Book storage book, IBreakerHub expected, address target) internal view {
        require(target.code.length != 0, IRegistry.TargetWithoutCode(target));
        address hub = Books.ask(target, IBreaker.hub.selector);
        require(hub == address(expected), IRegistry.TargetObeysAnotherHub(target, hub));
        address guardian = Books.ask(target, IBreaker.guardian.selector);
        require(msg.sender == guardian, IRegistry.NotGuardian(msg.sender, guardian));
        bytes32 former = book.coverageOf[target];
        bool free = former == 0 || book.owners[former] != msg.sender;
        require(free, IRegistry.TargetAlreadyCovered(target, former));
    }

    /// @notice Makes these the coverage's rules. Those it has already are left as they are, others start in shadow.
    function setRules(
        Book storage book,
        Parts memory parts,
        bytes32 id,
        Rule[] calldata rules,
        bytes calldata manifest
    ) internal returns (bytes32[] memory ruleIds, uint8 rungs) {
        uint256 length = manifest.length;
        require(length != 0 && length <= MAX_MANIFEST, IRegistry.ManifestLength(length, MAX_MANIFEST));
        (ruleIds, rungs) = parts.rulebook.check(rules);
        book.rulesHashes[id] = keccak256(abi.encodePacked(ruleIds));
        for (uint256 i; i < ruleIds.length; ++i) addRule(book.rules[id][ruleIds[i]], rules[i], parts.ruleDelay);
    }

    function addRule(IRegistry.RuleState storage state, Rule calldata rule, uint256 delay) internal {
        if (state.phase != Phase.None) return;
        state.armableAt = uint40(block.timestamp + delay);
        state.life = rule.life;
        state.rung = rule.rung;
        state.class = rule.class;
        state.phase = Phase.Shadow;
        state.reach = rule.hold + rule.lookback;
        state.anchored = rule.reference_ == Reference.Anchor;
        state.family = VerdictHash.family(rule.family);
    }

    function dropRule(Book storage book, bytes32 id, bytes32 ruleId) internal {
        delete book.rules[id][ruleId];
        delete book.anchors[id][ruleId];
    }

    function isAmong(bytes32 ruleId, bytes32[] memory ruleIds) internal pure returns (bool) {
        for (uint256 i; i < ruleIds.length; ++i) if (ruleIds[i] == ruleId) return true;
        return false;
    }

    function requireRule(
        Book storage book,
        bytes32 id,
        bytes32 ruleId,
        Phase phase
    ) internal view returns (IRegistry.RuleState storage rule) {
        rule = book.rules[id][ruleId];
        require(rule.phase != Phase.None, IRegistry.RuleUnknown(ruleId));
        require(rule.phase == phase, IRegistry.RuleInPhase(ruleId, rule.phase));
    }

    function close(Book storage book, bytes32 id) internal {
        Standing storage covered = book.coverages[id];
        (covered.retired, covered.notBefore) = (true, uint40(block.number));
        emit IRegistry.Retired(id);
    }
}
