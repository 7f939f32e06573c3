// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RuleCheck} from "./RuleCheck.sol";
import {Class, Rule} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice Says whether rules may be covered, and remembers the code it has found fit.
/// @dev Role: none, anyone may ask. A contract of its own because the registry has no room for it.
contract Rulebook {
    uint256 internal constant MAX_RULES = 16;

    IBreakerHub public immutable HUB;
    /// @notice Predicates' code that was found pure.
    mapping(bytes32 codeHash => bool) public scanned;
    /// @notice Sentinels' code that was found repeatable.
    mapping(bytes32 codeHash => bool) public repeatable;

    /// @param hub Knows the longest life of a rung.
    constructor(IBreakerHub hub) {
        HUB = hub;
    }

    /// @notice The rules' ids, and the rungs they may reach as bits; reverts with the first that a coverage may not name.
    function check(Rule[] calldata rules) external returns (bytes32[] memory ruleIds, uint8 rungs) {
        require(rules.length != 0 && rules.length <= MAX_RULES, IRegistry.RuleCount(rules.length, MAX_RULES));
        ruleIds = new bytes32[](rules.length);
        uint256 gas_;
        uint256 sentinels;
        for (uint256 i; i < rules.length; ++i) {
            RuleCheck.requireValid(i, rules[i], HUB, scanned, repeatable);
            bytes32 id = VerdictHash.ruleId(rules[i]);
            for (uint256 j; j < i; ++j) require(ruleIds[j] != id, IRegistry.RuleDuplicate(id));
            ruleIds[i] = id;
            gas_ += RuleCheck.gasOf(rules[i]);
            if (RuleCheck.isSentinel(rules[i])) ++sentinels;
        }
        require(gas_ <= RuleCheck.MAX_COVERAGE_GAS, IRegistry.RulesGas(gas_, RuleCheck.MAX_COVERAGE_GAS));
        require(sentinels <= RuleCheck.MAX_SENTINELS, IRegistry.SentinelCount(sentinels, RuleCheck.MAX_SENTINELS));
        rungs = reachable(rules);
    }

    /// @dev Two class B rules of rung 2 that may corroborate each other reach rung 3.
    function reachable(Rule[] calldata rules) internal pure returns (uint8 rungs) {
        bytes6 opinion;
        for (uint256 i; i < rules.length; ++i) {
            rungs |= uint8(1 << rules[i].rung);
            if (rules[i].class != Class.B || rules[i].rung != 2) continue;
            bytes6 family = VerdictHash.family(rules[i].family);
            if (opinion != 0 && opinion != family) rungs |= 1 << 3;
            opinion = family;
        }
    }
}
