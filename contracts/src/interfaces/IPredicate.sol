// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a class A rule says of the values of its slots.
/// @dev Pure to the opcode: `PredicateScan` refuses code that could look at anything but its own input.
/// @dev A revert proves nothing. A predicate reverts only for parameters or a number of slots it was not made for, never
/// for the values themselves, which an attacker may choose.
interface IPredicate {
    error SlotCount(uint256 values, uint256 before);

    /// @param params The rule's parameters.
    /// @param values The slots' values at the block that is judged.
    /// @param before Their values at the reference; empty when the rule has none.
    /// @return fires Whether the rule fires.
    /// @return measure By how much, in the predicate's own unit.
    function evaluate(
        bytes calldata params,
        bytes32[] calldata values,
        bytes32[] calldata before
    ) external pure returns (bool fires, uint256 measure);
}
