// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Book, Books, Standing} from "./Book.sol";
import {Escrow} from "./Escrow.sol";
import {OwnerEntries} from "./OwnerEntries.sol";
import {Rulebook} from "./Rulebook.sol";
import {Rule} from "./Types.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice The registry's coverages: what their owners may do, and who may do it.
/// @dev What is done is in `OwnerEntries`, for want of room here; the lock, the caller's right and the constants stay here.
abstract contract Coverages is IRegistry {
    using Books for Book;

    /* CONSTANTS */

    uint256 internal constant MAX_RULE_DELAY = 30 days;

    // States of the lock, which each transaction starts anew.
    uint256 internal constant INSIDE = 1;
    uint256 internal constant LEFT = 2;

    /* IMMUTABLES */

    IBreakerHub public immutable HUB;
    Rulebook public immutable RULEBOOK;
    /// @inheritdoc IRegistry
    uint256 public immutable RULE_DELAY;

    /* STORAGE */

    Book internal book;
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
        Rule[] calldata rules,
        bytes calldata manifest
    ) external payable locked returns (bytes32) {
        return OwnerEntries.cover(book, parts(), target, rules, manifest, msg.value);
    }

    /// @inheritdoc IRegistry
    function amend(
        bytes32 id,
        bytes32[] calldata formerIds,
        Rule[] calldata rules,
        bytes calldata manifest
    ) external locked {
        book.requireOwner(id);
        OwnerEntries.amend(book, parts(), id, formerIds, rules, manifest);
    }

    /// @inheritdoc IRegistry
    function arm(bytes32 id, bytes32 ruleId, uint64 anchorHeight, bytes32 anchorHash) external locked {
        book.requireOwner(id);
        OwnerEntries.arm(book, id, ruleId, anchorHeight, anchorHash);
    }

    /// @inheritdoc IRegistry
    function disarm(bytes32 id, bytes32 ruleId) external locked {
        book.requireOwner(id);
        OwnerEntries.disarm(book, id, ruleId);
    }

    /// @inheritdoc IRegistry
    function retire(bytes32 id) external locked {
        book.requireOwner(id);
        OwnerEntries.retire(book, HUB, id);
    }

    /// @inheritdoc IRegistry
    function fund(bytes32 id) external payable locked {
        OwnerEntries.fund(book, id, msg.value);
    }

    /// @inheritdoc IRegistry
    function defund(bytes32 id, uint96 amount) external locked {
        book.requireKnown(id);
        address owner = book.owners[id];
        require(msg.sender == owner, NotOwner(msg.sender, owner));
        OwnerEntries.defund(book, id, amount);
    }

    /* INTERNAL */

    /// @return before State of the lock, which is closed from here on.
    function enter() internal returns (uint256 before) {
        before = lock;
        require(before != INSIDE, Reentered());
        lock = INSIDE;
    }

    function parts() internal view returns (OwnerEntries.Parts memory) {
        return OwnerEntries.Parts(HUB, RULEBOOK, RULE_DELAY);
    }

    /* VIEWS */

    /// @inheritdoc IRegistry
    function coverage(bytes32 id) external view returns (Coverage memory) {
        Standing memory covered = book.requireKnown(id);
        return
            Coverage({
                target: covered.target,
                notBefore: covered.notBefore,
                retired: covered.retired,
                owner: book.owners[id],
                escrow: uint96(covered.escrow * Escrow.UNIT),
                incidents: book.incidents[id]
            });
    }

    function nonce() external view returns (uint256) {
        return book.nonce;
    }

    /// @inheritdoc IRegistry
    function coverageOf(address target) external view returns (bytes32) {
        return book.coverageOf[target];
    }

    /// @inheritdoc IRegistry
    function ruleState(bytes32 id, bytes32 ruleId) external view returns (RuleState memory) {
        return book.rules[id][ruleId];
    }

    /// @inheritdoc IRegistry
    function rulesHash(bytes32 id) external view returns (bytes32) {
        return book.rulesHashes[id];
    }

    /// @inheritdoc IRegistry
    function anchor(bytes32 id, bytes32 ruleId) external view returns (bytes32) {
        return book.anchors[id][ruleId];
    }
}
