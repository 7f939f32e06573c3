// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule} from "../Types.sol";
import {IPredicate} from "../interfaces/IPredicate.sol";
import {Claims} from "./Claims.sol";

/// @notice What a rule says of values. Faulted says nothing: a revert, exhaustion, or an answer that is none.
enum Outcome {
    Clear,
    Firing,
    Faulted
}

/// @notice Asks a rule's predicate as every watcher asks it: by a static call with exactly the rule's gas.
/// @dev That the code is pure is for the caller to know.
library Predicate {
    /// Reaching an account for the first time, and what lies between looking at the gas and calling.
    uint256 internal constant CALL_GAS = 5_000;
    /// An instruction may come to cost so many times as much, or as little, before what was signed is judged.
    uint256 internal constant MARGIN = 8;

    error CodeMismatch(address code, bytes32 expected, bytes32 found);
    /// @dev Too little gas is no fault of the predicate's.
    error GasShort(uint256 left, uint256 needed);

    /// @param values In the order of the claims.
    function outcome(Rule calldata rule, bytes32[] memory values) internal view returns (Outcome) {
        return outcomeGiven(rule, values, rule.gas);
    }

    /// @notice What each watcher must have seen who has seen an answer, though gas cost less then: pure code answers the same
    /// with more of it, or answers at last. Faulted where nobody can have seen one.
    function outcomeWithMore(Rule calldata rule, bytes32[] memory values) internal view returns (Outcome found) {
        found = outcome(rule, values);
        // Only then: who calls need not hold that much more for the others.
        if (found == Outcome.Faulted) found = outcomeGiven(rule, values, MARGIN * rule.gas);
    }

    /// @notice Faulted where a watcher can have seen that, since gas cost more then.
    function outcomeWithLess(Rule calldata rule, bytes32[] memory values) internal view returns (Outcome) {
        return outcomeGiven(rule, values, rule.gas / MARGIN);
    }

    function outcomeGiven(Rule calldata rule, bytes32[] memory values, uint256 gas_) private view returns (Outcome) {
        uint256 evaluations = Claims.evaluations(rule);
        for (uint256 i; i < evaluations; ++i) {
            Outcome one = outcomeAt(rule, values, i, gas_);
            if (one != Outcome.Firing) return one;
        }
        return Outcome.Firing;
    }

    /// @param evaluation 0 at the height, 1 as many blocks earlier as the rule holds.
    function outcomeAt(
        Rule calldata rule,
        bytes32[] memory values,
        uint256 evaluation,
        uint256 gas_
    ) internal view returns (Outcome) {
        (bytes32[] memory values_, bytes32[] memory before) = Claims.shown(rule, values, evaluation);
        address code = rule.code;
        bytes32 found = code.codehash;
        require(found == rule.codeHash, CodeMismatch(code, rule.codeHash, found));
        bytes memory input = abi.encodeCall(IPredicate.evaluate, (rule.params, values_, before));
        // A call is given at most 63 parts of 64 of what is left.
        uint256 needed = (gas_ * 64) / 63 + CALL_GAS;
        require(gasleft() >= needed, GasShort(gasleft(), needed));
        (bool ran, bytes memory answer) = code.staticcall{gas: gas_}(input);
        if (!ran || answer.length != 64) return Outcome.Faulted;
        (uint256 fires, ) = abi.decode(answer, (uint256, uint256));
        if (fires > 1) return Outcome.Faulted;
        return fires == 1 ? Outcome.Firing : Outcome.Clear;
    }
}
