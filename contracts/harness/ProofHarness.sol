// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule, Slot} from "../src/Types.sol";
import {Claims} from "../src/proofs/Claims.sol";
import {Outcome, Predicate} from "../src/proofs/Predicate.sol";
import {BlockProof, RuleProof} from "../src/proofs/RuleProof.sol";
import {StateProof} from "../src/proofs/StateProof.sol";
import {Trie} from "../src/proofs/Trie.sol";

/// @notice The libraries of proofs with a door.
contract ProofHarness {
    function get(
        bytes32 root,
        bytes32 key,
        bytes calldata nodes
    ) external pure returns (bool found, bytes memory value) {
        return Trie.get(root, key, nodes);
    }

    function open(bytes calldata header, bytes32 hash) external pure returns (StateProof.Header memory) {
        return StateProof.open(header, hash);
    }

    function canonical(bytes calldata header, uint256 height) external view returns (StateProof.Header memory) {
        return StateProof.canonical(header, height);
    }

    function storageRoot(bytes32 stateRoot, address account, bytes calldata nodes) external pure returns (bytes32) {
        return StateProof.storageRoot(stateRoot, account, nodes);
    }

    function valueOf(bytes32 root, bytes32 slot, bytes calldata nodes) external pure returns (bytes32) {
        return StateProof.valueOf(root, slot, nodes);
    }

    function locate(
        Rule calldata rule,
        uint256 height,
        uint256 index
    ) external pure returns (Slot memory slot, uint256 where) {
        return Claims.locate(rule, height, index);
    }

    function prove(
        Rule calldata rule,
        uint256 height,
        bytes32 anchor,
        BlockProof[] calldata proofs
    ) public view returns (bytes32[] memory values, uint256 timestamp) {
        return RuleProof.prove(rule, height, anchor, proofs);
    }

    function outcome(Rule calldata rule, bytes32[] calldata values) external view returns (Outcome) {
        return Predicate.outcome(rule, values);
    }

    function outcomeAt(Rule calldata rule, bytes32[] calldata values, uint256 index) external view returns (Outcome) {
        return Predicate.outcomeAt(rule, values, index);
    }

    /// @notice All of it, as a trip by proof does it.
    function judge(
        Rule calldata rule,
        uint256 height,
        bytes32 anchor,
        BlockProof[] calldata proofs
    ) external view returns (Outcome) {
        (bytes32[] memory values, ) = prove(rule, height, anchor, proofs);
        return Predicate.outcome(rule, values);
    }
}
