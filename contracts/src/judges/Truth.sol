// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHash} from "../BlockHash.sol";
import {Reference, Rule} from "../Types.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {RuleProof} from "../proofs/RuleProof.sol";
import {StateProof} from "../proofs/StateProof.sol";
import {Occasion} from "./Occasion.sol";

/// @notice What an honest watcher saw at a block that is still the chain's own.
/// @dev The chain knows 8,191 blocks back: who lies about one is judged before it is older. What was said of a block that
/// was reorged away is void.
library Truth {
    /// Place of `anchors`, of the registry's book, in its storage.
    uint256 private constant ANCHORS = 6;

    error BlockNotCanonical(uint256 height, bytes32 claimed, bytes32 canonical);
    /// @dev The rule had no anchor at the end of that block.
    error AnchorUnknown(bytes32 coverageId, bytes32 ruleId, uint256 height);

    /// @notice All the values of the rule, in the order of the claims.
    /// @param proof As `RuleProof` takes it. Where an anchored rule was armed anew after the block, or is no longer armed,
    /// its anchor's proof comes first: header, and the nodes of the registry's account and of the anchor's slot.
    function valuesAt(
        Occasion calldata occasion,
        IRegistry registry,
        bytes32 ruleId,
        Rule calldata rule,
        bytes calldata proof
    ) internal view returns (bytes32[] memory values) {
        uint256 height = occasion.height;
        (bytes32 claimed, bytes32 canonical) = (occasion.blockHash, BlockHash.read(height));
        require(canonical != 0 && claimed == canonical, BlockNotCanonical(height, claimed, canonical));
        bytes32 anchor;
        uint256 used;
        if (rule.reference_ == Reference.Anchor)
            (anchor, used) = anchorAt(registry, occasion.coverageId, ruleId, height, proof);
        (values, ) = RuleProof.prove(rule, height, anchor, proof[used:]);
    }

    /// @notice The anchor that the registry kept at the end of a block, as watchers read it; and where its proof ends.
    /// @dev What it keeps now it has kept since the block in which the rule was armed: who disarms a rule, or drops it,
    /// deletes both. An owner who does so later does not excuse a lie.
    function anchorAt(
        IRegistry registry,
        bytes32 id,
        bytes32 ruleId,
        uint256 height,
        bytes calldata proof
    ) private view returns (bytes32 anchor, uint256 used) {
        anchor = registry.anchor(id, ruleId);
        if (anchor != 0 && height >= registry.ruleState(id, ruleId).armedAt) return (anchor, 0);
        StateProof.Header memory header;
        (header, used) = StateProof.canonical(height, proof, 0);
        bytes32 root;
        (root, used) = StateProof.storageRoot(header.stateRoot, address(registry), proof, used);
        bytes32 slot = keccak256(abi.encode(ruleId, keccak256(abi.encode(id, ANCHORS))));
        (anchor, used) = StateProof.valueOf(root, slot, proof, used);
        require(anchor != 0, AnchorUnknown(id, ruleId, height));
    }
}
