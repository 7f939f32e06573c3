// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Rule} from "../Types.sol";
import {Landed} from "../judges/Landed.sol";
import {Occasion} from "../judges/Occasion.sol";
import {IIncidentBook} from "./IIncidentBook.sol";
import {IJudge, Offence} from "./IJudge.sol";
import {IRegistry} from "./IRegistry.sol";

/// @notice Finds the seats that signed a verdict of class A that does not follow from its own claims.
/// @dev Evidence is a call of one of the views below.
interface INonSequiturJudge is IJudge {
    /// @dev The verdict follows.
    error RuleFires();

    /// @notice Of a verdict that tripped.
    /// @param values What it claims, in that order.
    function ofIncident(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32[] calldata values,
        Landed calldata landed,
        Rule calldata rule
    ) external view returns (Offence memory);

    /// @notice Of any that was signed. No quorum is asked.
    function ofCertificate(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32[] calldata values,
        Certificate calldata certificate,
        Rule calldata rule
    ) external view returns (Offence memory);

    function BOOK() external view returns (IIncidentBook);
}
