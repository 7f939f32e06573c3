// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RollCall} from "../RollCall.sol";
import {Certificate, Rule} from "../Types.sol";
import {Occasion} from "../judges/Occasion.sol";
import {Outcome} from "../proofs/Predicate.sol";
import {IJudge, Offence} from "./IJudge.sol";
import {IRegistry} from "./IRegistry.sol";

/// @notice Finds the seats that signed a roll call in which a rule of class A is said to be in another state than it was.
/// @dev Evidence is a call of the view below.
interface IFalseSilenceJudge is IJudge {
    error LeafOfAnotherRule(uint256 place, bytes32 expected, bytes32 found);
    error LeafUnknown(uint256 place, uint256 leaves);
    /// @dev It is true, or was where gas cost more or less.
    error LeafStands(Outcome said);

    /// @param leaves All that the roll call says, in its order.
    /// @param place Of the rule's leaf among them.
    /// @param proof Of all the rule's values at the block, as `Truth` takes it.
    function ofCertificate(
        IRegistry registry,
        Occasion calldata occasion,
        RollCall.Leaf[] calldata leaves,
        uint256 place,
        Certificate calldata certificate,
        Rule calldata rule,
        bytes calldata proof
    ) external view returns (Offence memory);
}
