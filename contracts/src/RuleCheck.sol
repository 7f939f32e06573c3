// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PredicateScan} from "./PredicateScan.sol";
import {SentinelScan} from "./SentinelScan.sol";
import {Class, Reference, Rule} from "./Types.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {Claims} from "./proofs/Claims.sol";

/// @notice What a rule must be before a coverage may name it.
library RuleCheck {
    uint256 internal constant MAX_SLOTS = 16;
    /// Ways from a root that a proof of all values consists of, about 4 kB each where a state is as deep as the largest: it
    /// must fit into a transaction that public pools carry (128 KiB), or no lie could be disproven.
    uint256 internal constant MAX_PATHS = 28;
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

    /// Answers a sentinel is shown beside the newest, and sentinels of a coverage: each is a call a block at every watcher.
    uint256 internal constant MAX_SAMPLES_BACK = 31;
    uint256 internal constant MAX_SENTINELS = 4;

    /// @param hub Knows the longest life of a rung.
    /// @param pure_ Code hashes that were found pure before.
    /// @param repeatable Code hashes of sentinels that were found repeatable before.
    function requireValid(
        uint256 index,
        Rule calldata rule,
        IBreakerHub hub,
        mapping(bytes32 codeHash => bool) storage pure_,
        mapping(bytes32 codeHash => bool) storage repeatable
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
        bool near = uint256(rule.lookback) + rule.hold <= MAX_REACH;
        require(near, IRegistry.RuleInvalid(index, rule.hold == 0 ? "lookback" : "hold"));
        require(rule.slots.length <= MAX_SLOTS, IRegistry.RuleInvalid(index, "slots"));
        require(rule.params.length <= MAX_PARAMS, IRegistry.RuleInvalid(index, "params"));
        if (rule.class == Class.A) requirePredicate(index, rule, pure_);
        else {
            require(rule.slots.length == 0, IRegistry.RuleInvalid(index, "slots"));
            require(rule.hold == 0, IRegistry.RuleInvalid(index, "hold"));
            // An anchor is what a storage proof compares with.
            require(rule.reference_ != Reference.Anchor, IRegistry.RuleInvalid(index, "reference"));
            if (isSentinel(rule)) requireSentinel(index, rule, repeatable);
            else requireDetector(index, rule);
        }
    }

    /// @notice A class B rule of code: deployed, or carried by the manifest and pinned by its hash alone.
    function isSentinel(Rule calldata rule) internal pure returns (bool) {
        return rule.class == Class.B && (rule.code != address(0) || rule.codeHash != 0);
    }

    /// @notice Gas of judging the rule at one block.
    function gasOf(Rule calldata rule) internal pure returns (uint256) {
        return rule.hold == 0 ? rule.gas : 2 * uint256(rule.gas);
    }

    function requirePredicate(
        uint256 index,
        Rule calldata rule,
        mapping(bytes32 codeHash => bool) storage pure_
    ) private {
        require(rule.slots.length != 0, IRegistry.RuleInvalid(index, "slots"));
        require(Claims.paths(rule) <= MAX_PATHS, IRegistry.RuleInvalid(index, "slots"));
        require(rule.startBlock == 0, IRegistry.RuleInvalid(index, "startBlock"));
        requireCode(index, rule);
        requireGas(index, rule);
        if (pure_[rule.codeHash]) return;
        PredicateScan.requirePure(rule.code);
        pure_[rule.codeHash] = true;
    }

    function requireSentinel(
        uint256 index,
        Rule calldata rule,
        mapping(bytes32 codeHash => bool) storage repeatable
    ) private {
        require(rule.startBlock == 0, IRegistry.RuleInvalid(index, "startBlock"));
        require(rule.params.length == 0, IRegistry.RuleInvalid(index, "params"));
        require(rule.lookback <= MAX_SAMPLES_BACK, IRegistry.RuleInvalid(index, "lookback"));
        // What is not deployed is scanned by the watchers, from the manifest.
        bool deployed = rule.code != address(0);
        if (deployed) requireCode(index, rule);
        requireGas(index, rule);
        if (!deployed || repeatable[rule.codeHash]) return;
        SentinelScan.requireRepeatable(rule.code);
        repeatable[rule.codeHash] = true;
    }

    function requireDetector(uint256 index, Rule calldata rule) private pure {
        require(rule.code == address(0), IRegistry.RuleInvalid(index, "code"));
        require(rule.codeHash == 0, IRegistry.RuleInvalid(index, "codeHash"));
        require(rule.gas == 0, IRegistry.RuleInvalid(index, "gas"));
    }

    function requireGas(uint256 index, Rule calldata rule) private pure {
        require(rule.gas >= MIN_GAS && rule.gas <= MAX_GAS, IRegistry.RuleInvalid(index, "gas"));
    }

    function requireCode(uint256 index, Rule calldata rule) private view {
        require(rule.code.code.length != 0, IRegistry.RuleInvalid(index, "code"));
        bytes32 found = rule.code.codehash;
        require(found == rule.codeHash, IRegistry.CodeHashMismatch(rule.code, rule.codeHash, found));
    }
}
