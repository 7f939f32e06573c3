// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Rule} from "../Types.sol";
import {Landed} from "../judges/Landed.sol";
import {Occasion} from "../judges/Occasion.sol";
import {IIncidentBook} from "./IIncidentBook.sol";
import {IJudge, Offence} from "./IJudge.sol";
import {IRegistry} from "./IRegistry.sol";

/// @notice Finds the seats that signed a verdict of class A whose claims are not what the slots held.
/// @dev Evidence is a call of one of the views below.
interface IFalseClaimJudge is IJudge {
    error ClaimsTrue(bytes32 claimsRoot);

    /// @notice Of a verdict that tripped.
    /// @param proof Of all the values, as `Truth` takes it. What was claimed in their place need not be known.
    function ofIncident(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32 claimsRoot,
        Landed calldata landed,
        Rule calldata rule,
        bytes calldata proof
    ) external view returns (Offence memory);

    /// @notice Of any that was signed. No quorum is asked.
    function ofCertificate(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32 claimsRoot,
        Certificate calldata certificate,
        Rule calldata rule,
        bytes calldata proof
    ) external view returns (Offence memory);

    function BOOK() external view returns (IIncidentBook);
}
