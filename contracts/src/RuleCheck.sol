// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PredicateScan} from "./PredicateScan.sol";
import {Class, Reference, Rule} from "./Types.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice What a rule must be before a coverage may name it.
library RuleCheck {
    uint256 internal constant MAX_SLOTS = 16;
    uint256 internal constant MAX_DETECTOR = 64;
    uint256 internal constant MAX_PARAMS = 1024;
    /// Every watcher walks these blocks by parent hashes, and a judge finds them well within EIP-2935's 8,191.
    uint256 internal constant MAX_REACH = 1024;
    uint256 internal constant MIN_GAS = 20_000;
    uint256 internal constant MAX_GAS = 2_000_000;

    /// @param hub Knows the longest life of a rung.
    /// @param scanned Code hashes that were found pure before.
    function requireValid(
        uint256 index,
        Rule calldata rule,
        IBreakerHub hub,
        mapping(bytes32 codeHash => bool) storage scanned
    ) internal {
        require(rule.class != Class.None, IRegistry.RuleInvalid(index, "class"));
        // A 3, B 2, C 1: power is proportional to proof.
        require(rule.rung != 0 && rule.rung <= 4 - uint8(rule.class), IRegistry.RuleInvalid(index, "rung"));
        require(rule.life != 0 && rule.life <= hub.longestLife(rule.rung), IRegistry.RuleInvalid(index, "life"));
        require(rule.family != 0, IRegistry.RuleInvalid(index, "family"));
        uint256 detector = bytes(rule.detector).length;
        require(detector != 0 && detector <= MAX_DETECTOR, IRegistry.RuleInvalid(index, "detector"));
        require(
            rule.reference_ == Reference.Lookback ? rule.lookback != 0 : rule.lookback == 0,
            IRegistry.RuleInvalid(index, "lookback")
        );
        require(uint256(rule.lookback) + rule.hold <= MAX_REACH, IRegistry.RuleInvalid(index, "hold"));
        require(rule.slots.length <= MAX_SLOTS, IRegistry.RuleInvalid(index, "slots"));
        require(rule.params.length <= MAX_PARAMS, IRegistry.RuleInvalid(index, "params"));
        if (rule.class == Class.A) {
            require(rule.slots.length != 0, IRegistry.RuleInvalid(index, "slots"));
            require(rule.startBlock == 0, IRegistry.RuleInvalid(index, "startBlock"));
        }
        requireCode(index, rule, scanned);
    }

    function requireCode(uint256 index, Rule calldata rule, mapping(bytes32 codeHash => bool) storage scanned) private {
        if (rule.code == address(0)) {
            require(rule.class != Class.A, IRegistry.RuleInvalid(index, "code"));
            require(rule.codeHash == 0, IRegistry.RuleInvalid(index, "codeHash"));
            require(rule.gas == 0, IRegistry.RuleInvalid(index, "gas"));
            return;
        }
        require(rule.code.code.length != 0, IRegistry.RuleInvalid(index, "code"));
        bytes32 found = rule.code.codehash;
        require(found == rule.codeHash, IRegistry.CodeHashMismatch(rule.code, rule.codeHash, found));
        require(rule.gas >= MIN_GAS && rule.gas <= MAX_GAS, IRegistry.RuleInvalid(index, "gas"));
        if (rule.class != Class.A || scanned[found]) return;
        PredicateScan.requirePure(rule.code);
        scanned[found] = true;
    }
}
