// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RollCall} from "../RollCall.sol";
import {Class, Rule, Verdict} from "../Types.sol";
import {VerdictHash} from "../VerdictHash.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";

/// @notice The coverage and the block that a verdict is about.
struct Occasion {
    bytes32 coverageId;
    bytes32 blockHash;
    uint64 height;
    uint64 epoch;
}

/// @notice The verdicts that judges of proofs look at: what they say beside the occasion follows from the rule.
/// @dev No other ever trips: the registry refuses another chain, subject, rung or life.
library Occasions {
    /// @dev Only what rests on slots can be proven.
    error ClassRefused(Class class);

    /// @notice A verdict of a rule of class A.
    function verdictOf(
        Occasion calldata self,
        Rule calldata rule,
        bytes32 claimsRoot
    ) internal view returns (Verdict memory) {
        return
            Verdict({
                observedChainId: uint64(block.chainid),
                coverageId: self.coverageId,
                ruleId: ruleIdOf(rule),
                blockHash: self.blockHash,
                subject: 0,
                height: self.height,
                epoch: self.epoch,
                rung: rule.rung,
                life: rule.life,
                claimsRoot: claimsRoot
            });
    }

    /// @notice A roll call.
    function rollCallOf(
        Occasion calldata self,
        RollCall.Leaf[] calldata leaves
    ) internal view returns (Verdict memory) {
        return
            Verdict({
                observedChainId: uint64(block.chainid),
                coverageId: self.coverageId,
                ruleId: 0,
                blockHash: self.blockHash,
                subject: RollCall.SUBJECT,
                height: self.height,
                epoch: self.epoch,
                rung: 0,
                life: 0,
                claimsRoot: RollCall.root(leaves)
            });
    }

    function ruleIdOf(Rule calldata rule) internal pure returns (bytes32) {
        require(rule.class == Class.A, ClassRefused(rule.class));
        return VerdictHash.ruleId(rule);
    }

    /// @notice `registry.digest(verdict)`.
    function digestOf(Verdict memory verdict, IRegistry registry) internal view returns (bytes32) {
        return VerdictHash.digest(VerdictHash.domain(block.chainid, address(registry)), verdict);
    }
}
