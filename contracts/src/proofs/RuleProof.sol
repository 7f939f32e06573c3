// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule, Slot} from "../Types.sol";
import {Claims} from "./Claims.sol";
import {StateProof} from "./StateProof.sol";

/// @notice What a rule's slots hold at one block.
struct BlockProof {
    /// RLP.
    bytes header;
    /// For each account among the slots, in the order in which the rule first names it, the nodes of its path.
    bytes[] accounts;
    /// For each slot of the rule the nodes of its path in its account's storage.
    bytes[] slots;
}

/// @notice The values that an honest verdict of a rule claims, from proofs of the blocks that it looks at.
library RuleProof {
    error ProofCount(string of_, uint256 found, uint256 expected);

    /// @param anchor Hash of the block named when the rule was armed; of no use to a rule without one.
    /// @param proofs Of each block that the claims are of, once, in the order in which they first need it.
    /// @return values in the order of the claims
    /// @return timestamp of the block at `height`
    function prove(
        Rule calldata rule,
        uint256 height,
        bytes32 anchor,
        BlockProof[] calldata proofs
    ) internal view returns (bytes32[] memory values, uint256 timestamp) {
        uint256 slots = rule.slots.length;
        uint256[] memory heights = Claims.heights(rule, height);
        values = new bytes32[](slots * heights.length);
        uint256 used;
        for (uint256 i; i < heights.length; ++i) {
            uint256 same = firstOf(heights, i);
            if (same < i) {
                for (uint256 j; j < slots; ++j) values[i * slots + j] = values[same * slots + j];
                continue;
            }
            require(used < proofs.length, ProofCount("blocks", proofs.length, used + 1));
            BlockProof calldata proof = proofs[used++];
            StateProof.Header memory header =
                heights[i] == Claims.ANCHOR
                    ? StateProof.open(proof.header, anchor)
                    : StateProof.canonical(proof.header, heights[i]);
            if (i == 0) timestamp = header.timestamp;
            proveSlots(rule.slots, header.stateRoot, proof, values, i * slots);
        }
        require(used == proofs.length, ProofCount("blocks", proofs.length, used));
    }

    /// @dev Writes the values from this place on.
    function proveSlots(
        Slot[] calldata slots,
        bytes32 stateRoot,
        BlockProof calldata proof,
        bytes32[] memory values,
        uint256 from
    ) private pure {
        require(proof.slots.length == slots.length, ProofCount("slots", proof.slots.length, slots.length));
        bytes32[] memory roots = new bytes32[](slots.length);
        uint256 used;
        for (uint256 i; i < slots.length; ++i) {
            uint256 same;
            while (slots[same].account != slots[i].account) ++same;
            if (same == i) {
                require(used < proof.accounts.length, ProofCount("accounts", proof.accounts.length, used + 1));
                roots[i] = StateProof.storageRoot(stateRoot, slots[i].account, proof.accounts[used++]);
            }
            values[from + i] = StateProof.valueOf(roots[same], slots[i].slot, proof.slots[i]);
        }
        require(used == proof.accounts.length, ProofCount("accounts", proof.accounts.length, used));
    }

    function firstOf(uint256[] memory heights, uint256 index) private pure returns (uint256 first) {
        while (heights[first] != heights[index]) ++first;
    }
}
