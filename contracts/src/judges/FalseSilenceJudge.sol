// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RollCall} from "../RollCall.sol";
import {Certificate, Rule} from "../Types.sol";
import {IFalseSilenceJudge} from "../interfaces/IFalseSilenceJudge.sol";
import {IJudge, Offence} from "../interfaces/IJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Outcome, Predicate} from "../proofs/Predicate.sol";
import {Hearing} from "./Hearing.sol";
import {Occasion, Occasions} from "./Occasion.sol";
import {Signed} from "./Signed.sol";
import {Truth} from "./Truth.sol";

/// @notice Finds the seats that signed a roll call in which a rule of class A is said to be in another state than it was.
/// @dev Worst use: none but what a proof against the chain's own block hash shows, and the rule's predicate says of it.
/// @dev Each leaf must be true, also of a rule that is named twice: nobody honest names one twice.
/// @dev Gas may cost more or less by then, up to `Predicate.MARGIN` times: who said that the predicate answers is convicted
/// where it does not with as many times the rule's gas, who said that it faults where it answers with that part of it.
contract FalseSilenceJudge is IFalseSilenceJudge {
    using Occasions for Occasion;
    using Signed for Certificate;
    using Truth for Occasion;

    /// @inheritdoc IJudge
    function judge(IRegistry registry, bytes calldata evidence) external view returns (Offence memory) {
        Hearing.hear(registry, evidence);
    }

    /// @inheritdoc IFalseSilenceJudge
    function ofCertificate(
        IRegistry registry,
        Occasion calldata occasion,
        RollCall.Leaf[] calldata leaves,
        uint256 place,
        Certificate calldata certificate,
        Rule calldata rule,
        bytes calldata proof
    ) external view returns (Offence memory offence) {
        bytes32 ruleId = Occasions.ruleIdOf(rule);
        offence = certificate.offenceOf(occasion.rollCallOf(leaves), registry);
        require(place < leaves.length, LeafUnknown(place, leaves.length));
        RollCall.Leaf calldata leaf = leaves[place];
        require(leaf.ruleId == ruleId, LeafOfAnotherRule(place, ruleId, leaf.ruleId));
        bytes32[] memory values = occasion.valuesAt(registry, ruleId, rule, proof);
        Outcome said = leaf.state;
        Outcome found =
            said == Outcome.Faulted ? Predicate.outcomeWithLess(rule, values) : Predicate.outcomeWithMore(rule, values);
        require(found != said, LeafStands(said));
    }
}
