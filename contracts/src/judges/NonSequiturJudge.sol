// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Rule, Verdict} from "../Types.sol";
import {IIncidentBook} from "../interfaces/IIncidentBook.sol";
import {IJudge, Offence} from "../interfaces/IJudge.sol";
import {INonSequiturJudge} from "../interfaces/INonSequiturJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Outcome, Predicate} from "../proofs/Predicate.sol";
import {Hearing} from "./Hearing.sol";
import {Landed, Landings} from "./Landed.sol";
import {Occasion, Occasions} from "./Occasion.sol";
import {Signed} from "./Signed.sol";

/// @notice Finds the seats that signed a verdict of class A that does not follow from its own claims.
/// @dev Worst use: none but what the rule's predicate, pinned by its hash, answers for the claimed values.
/// @dev Nothing of the chain is looked at: the block may be old, or reorged away. Claims of another number of values than
/// the rule's are left to the judge of false claims.
/// @dev Nothing follows from a fault either, which nobody honest signs. What answers only with more gas than the rule's, up
/// to `Predicate.MARGIN` times as much, may have answered when it was signed, and what it says then counts.
contract NonSequiturJudge is INonSequiturJudge {
    using Landings for Landed;
    using Occasions for Occasion;
    using Signed for Certificate;

    /// @inheritdoc INonSequiturJudge
    IIncidentBook public immutable BOOK;

    constructor(IIncidentBook book) {
        BOOK = book;
    }

    /// @inheritdoc IJudge
    function judge(IRegistry registry, bytes calldata evidence) external view returns (Offence memory) {
        Hearing.hear(registry, evidence);
    }

    /// @inheritdoc INonSequiturJudge
    function ofIncident(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32[] calldata values,
        Landed calldata landed,
        Rule calldata rule
    ) external view returns (Offence memory) {
        requireQuiet(rule, values);
        Verdict memory verdict = occasion.verdictOf(rule, keccak256(abi.encode(values)));
        return landed.offenceOf(verdict, registry, BOOK);
    }

    /// @inheritdoc INonSequiturJudge
    function ofCertificate(
        IRegistry registry,
        Occasion calldata occasion,
        bytes32[] calldata values,
        Certificate calldata certificate,
        Rule calldata rule
    ) external view returns (Offence memory) {
        requireQuiet(rule, values);
        Verdict memory verdict = occasion.verdictOf(rule, keccak256(abi.encode(values)));
        return certificate.offenceOf(verdict, registry);
    }

    function requireQuiet(Rule calldata rule, bytes32[] calldata values) private view {
        require(Predicate.outcomeWithMore(rule, values) != Outcome.Firing, RuleFires());
    }
}
