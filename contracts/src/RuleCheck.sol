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
    /// Seconds: with less, a rule that goes on firing would be tripped, and paid for, every few blocks.
    uint256 internal constant MIN_LIFE = 5 minutes;
    /// Providers keep the states of about 128 blocks, and what they have forgotten nobody can prove.
    uint256 internal constant MAX_REACH = 96;
    uint256 internal constant MIN_GAS = 20_000;
    /// Every watcher runs every rule at every block: a coverage's rules together may take a tenth of a second.
    uint256 internal constant MAX_GAS = 200_000;
    uint256 internal constant MAX_COVERAGE_GAS = 1_000_000;

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
        require(rule.life >= MIN_LIFE && rule.life <= hub.longestLife(rule.rung), IRegistry.RuleInvalid(index, "life"));
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

    /// @notice Gas of judging the rule at one block.
    function gasOf(Rule calldata rule) internal pure returns (uint256) {
        return rule.hold == 0 ? rule.gas : 2 * uint256(rule.gas);
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
