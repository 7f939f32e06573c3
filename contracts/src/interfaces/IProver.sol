// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Class, Rule} from "../Types.sol";
import {Outcome} from "../proofs/Predicate.sol";
import {ICommittee} from "./ICommittee.sol";
import {IRegistry} from "./IRegistry.sol";

/// @notice Trips coverages by proof: one honest account is enough, whatever the watchers do.
interface IProver {
    /// @dev The registry names another prover.
    error WiredElsewhere(address part);
    /// @dev Only what rests on slots can be proven.
    error ClassRefused(Class class);
    /// @dev An anchored rule that is not armed, or not of this coverage.
    error AnchorUnknown(bytes32 coverageId, bytes32 ruleId);
    /// @dev At the height or, of a rule that holds, as many blocks earlier.
    error NotFiring(Outcome outcome);

    /// @notice Trips a coverage by a rule of class A that fires at one of the last 32 blocks, as the proof shows. Anyone;
    /// the caller is refunded from the coverage's escrow.
    /// @dev The verdict is the one that watchers would sign, and spends the same replay slot.
    /// @param proof Of all the values that the verdict claims, as `RuleProof` takes it.
    /// @return end timestamp at which the trip expires.
    function trip(
        bytes32 coverageId,
        Rule calldata rule,
        uint64 height,
        bytes calldata proof
    ) external returns (uint64 end);

    function REGISTRY() external view returns (IRegistry);
    function COMMITTEE() external view returns (ICommittee);
}
