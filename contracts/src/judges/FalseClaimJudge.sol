// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Rule, Verdict} from "../Types.sol";
import {IFalseClaimJudge} from "../interfaces/IFalseClaimJudge.sol";
import {IIncidentBook} from "../interfaces/IIncidentBook.sol";
import {IJudge, Offence} from "../interfaces/IJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Hearing} from "./Hearing.sol";
import {Landed, Landings} from "./Landed.sol";
import {Occasion, Occasions} from "./Occasion.sol";
import {Signed} from "./Signed.sol";
import {Truth} from "./Truth.sol";

/// @notice Finds the seats that signed a verdict of class A whose claims are not what the slots held.
/// @dev Worst use: none but what a proof against the chain's own block hash shows.
/// @dev Whether the verdict was in time, of a rule in force or by the roster in force is not asked: who signs one says
/// that its claims are true.
contract FalseClaimJudge is IFalseClaimJudge {
    using Landings for Landed;
    using Occasions for Occasion;
    using Signed for Certificate;
    using Truth for Occasion;

    /// @inheritdoc IFalseClaimJudge
    IIncidentBook public immutable BOOK;

    constructor(IIncidentBook book) {
        BOOK = book;
    }

    /// @inheritdoc IJudge
    function judge(IRegistry registry, bytes calldata evidence) external view returns (Offence memory) {
        Hearing.hear(registry, evidence);
    }

    /// @inheritdoc IFalseClaimJudge
    function ofIncident(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32 claimsRoot,
        Landed calldata landed,
        Rule calldata rule,
        bytes calldata proof
    ) external view returns (Offence memory offence) {
        Verdict memory verdict = occasion.verdictOf(rule, claimsRoot);
        offence = landed.offenceOf(verdict, registry, BOOK);
        requireFalse(registry, occasion, verdict, rule, proof);
    }

    /// @inheritdoc IFalseClaimJudge
    function ofCertificate(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32 claimsRoot,
        Certificate calldata certificate,
        Rule calldata rule,
        bytes calldata proof
    ) external view returns (Offence memory offence) {
        Verdict memory verdict = occasion.verdictOf(rule, claimsRoot);
        offence = certificate.offenceOf(verdict, registry);
        requireFalse(registry, occasion, verdict, rule, proof);
    }

    function requireFalse(
        IRegistry registry,
        Occasion calldata occasion,
        Verdict memory verdict,
        Rule calldata rule,
        bytes calldata proof
    ) private view {
        bytes32[] memory values = occasion.valuesAt(registry, verdict.ruleId, rule, proof);
        bytes32 root = keccak256(abi.encode(values));
        require(root != verdict.claimsRoot, ClaimsTrue(root));
    }
}
