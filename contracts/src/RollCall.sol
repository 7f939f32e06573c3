// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./interfaces/IRegistry.sol";
import {Outcome} from "./proofs/Predicate.sol";

/// @notice What seats sign of a coverage at a block that nobody chose: the state of each of its armed rules.
/// @dev A verdict of rung 0 and life 0, of rule 0, whose claims root is `root` of the leaves.
library RollCall {
    /// @notice What one rule says at the block.
    struct Leaf {
        bytes32 ruleId;
        Outcome state;
    }

    /// @dev In place of a pending transaction's hash: no verdict of a rule is under such a key.
    bytes32 internal constant SUBJECT = keccak256("Tocsin roll call");

    /// @dev None of its rules was armed.
    error NothingArmed(bytes32 coverageId, uint64 height);
    error StateCount(uint256 states, uint256 armed);

    /// @notice Whether a coverage is called at a block: known only once the block is there.
    /// @param period Blocks from one roll call to the next, on average.
    function isDue(bytes32 coverageId, bytes32 blockHash, uint256 period) internal pure returns (bool) {
        return uint256(keccak256(abi.encode(SUBJECT, coverageId, blockHash))) % period == 0;
    }

    /// @notice A leaf for each rule of a coverage that is armed now and was at a height, in the order in which the coverage
    /// names them.
    /// @param ruleIds Of all its rules, in that order.
    /// @param states Of the armed ones, in that order.
    function leavesOf(
        IRegistry registry,
        bytes32 coverageId,
        uint64 height,
        bytes32[] calldata ruleIds,
        Outcome[] calldata states
    ) internal view returns (Leaf[] memory leaves) {
        (bytes32 named, bytes32 found) = (keccak256(abi.encodePacked(ruleIds)), registry.rulesHash(coverageId));
        require(named == found, IRegistry.RulesMismatch(coverageId, named, found));
        leaves = new Leaf[](states.length);
        uint256 armed;
        for (uint256 i; i < ruleIds.length; ++i) {
            uint256 armedAt = registry.ruleState(coverageId, ruleIds[i]).armedAt;
            if (armedAt == 0 || armedAt > height) continue;
            if (armed < states.length) leaves[armed] = Leaf(ruleIds[i], states[armed]);
            ++armed;
        }
        require(armed != 0, NothingArmed(coverageId, height));
        require(armed == states.length, StateCount(states.length, armed));
    }

    /// @param leaves Of every rule that is armed at the block, in the order in which the coverage names them.
    function root(Leaf[] memory leaves) internal pure returns (bytes32) {
        return keccak256(abi.encode(leaves));
    }
}
