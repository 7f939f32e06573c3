// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RuleCheck} from "./RuleCheck.sol";
import {Rule} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice Says whether rules may be covered, and remembers the code it has found pure.
/// @dev Role: none, anyone may ask. A contract of its own because the registry has no room for it.
contract Rulebook {
    IBreakerHub public immutable HUB;
    mapping(bytes32 codeHash => bool) public scanned;

    /// @param hub Knows the longest life of a rung.
    constructor(IBreakerHub hub) {
        HUB = hub;
    }

    /// @notice The rules' ids; reverts with the first that a coverage may not name.
    function check(Rule[] calldata rules) external returns (bytes32[] memory ruleIds) {
        ruleIds = new bytes32[](rules.length);
        uint256 gas_;
        for (uint256 i; i < rules.length; ++i) {
            RuleCheck.requireValid(i, rules[i], HUB, scanned);
            ruleIds[i] = VerdictHash.ruleId(rules[i]);
            gas_ += RuleCheck.gasOf(rules[i]);
        }
        require(gas_ <= RuleCheck.MAX_COVERAGE_GAS, IRegistry.RulesGas(gas_, RuleCheck.MAX_COVERAGE_GAS));
    }
}
