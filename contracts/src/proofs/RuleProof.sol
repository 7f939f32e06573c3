// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule, Slot} from "../Types.sol";
import {Claims} from "./Claims.sol";
import {StateProof} from "./StateProof.sol";

/// @notice The values that an honest verdict of a rule claims, from one proof of all of them.
/// @dev Its parts show where they end and follow one another. For each block that the claims are of, once, in the order in
/// which they first need it: the header, then for each slot the nodes of its account, where the rule names that for the
/// first time, and those of its own.
library RuleProof {
    error ProofTooLong(uint256 used, uint256 length);

    /// @param anchor Hash of the block named when the rule was armed; of no use to a rule without one.
    /// @return values in the order of the claims
    /// @return timestamp of the block at `height`
    function prove(
        Rule calldata rule,
        uint256 height,
        bytes32 anchor,
        bytes calldata proof
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
            StateProof.Header memory header;
            (header, used) = heights[i] == Claims.ANCHOR
                ? StateProof.open(anchor, proof, used)
                : StateProof.canonical(heights[i], proof, used);
            if (i == 0) timestamp = header.timestamp;
            used = proveSlots(rule.slots, header.stateRoot, proof, used, values, i * slots);
        }
        require(used == proof.length, ProofTooLong(used, proof.length));
    }

    /// @notice Writes the values from a place on.
    function proveSlots(
        Slot[] calldata slots,
        bytes32 stateRoot,
        bytes calldata proof,
        uint256 offset,
        bytes32[] memory values,
        uint256 place
    ) private pure returns (uint256 end) {
        end = offset;
        bytes32[] memory roots = new bytes32[](slots.length);
        for (uint256 i; i < slots.length; ++i) {
            (address account, bytes32 slot) = (slots[i].account, slots[i].slot);
            uint256 same;
            while (slots[same].account != account) ++same;
            if (same == i) (roots[i], end) = StateProof.storageRoot(stateRoot, account, proof, end);
            (values[place + i], end) = StateProof.valueOf(roots[same], slot, proof, end);
        }
    }

    function firstOf(uint256[] memory heights, uint256 index) private pure returns (uint256 first) {
        while (heights[first] != heights[index]) ++first;
    }
}
