// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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

    /// @notice Whether a coverage is called at a block: known only once the block is there.
    /// @param period Blocks from one roll call to the next, on average.
    function isDue(bytes32 coverageId, bytes32 blockHash, uint256 period) internal pure returns (bool) {
        return uint256(keccak256(abi.encode(SUBJECT, coverageId, blockHash))) % period == 0;
    }

    /// @param leaves Of every rule that is armed at the block, in the order in which the coverage names them.
    function root(Leaf[] memory leaves) internal pure returns (bytes32) {
        return keccak256(abi.encode(leaves));
    }
}
