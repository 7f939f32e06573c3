// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule} from "../src/Types.sol";
import {Claims} from "../src/proofs/Claims.sol";
import {Outcome, Predicate} from "../src/proofs/Predicate.sol";
import {RuleProof} from "../src/proofs/RuleProof.sol";
import {StateProof} from "../src/proofs/StateProof.sol";
import {Trie} from "../src/proofs/Trie.sol";

/// @notice The libraries of proofs with a door. A part of a proof must be used up.
contract ProofHarness {
    function get(bytes32 root, bytes32 key, bytes calldata nodes) external pure returns (bytes memory value) {
        uint256 end;
        (value, end) = Trie.get(root, key, nodes, 0);
        requireUsed(end, nodes);
    }

    function open(bytes calldata header, bytes32 hash) external pure returns (StateProof.Header memory read) {
        uint256 end;
        (read, end) = StateProof.open(hash, header, 0);
        requireUsed(end, header);
    }

    function canonical(bytes calldata header, uint256 height) external view returns (StateProof.Header memory read) {
        (read, ) = StateProof.canonical(height, header, 0);
    }

    function storageRoot(
        bytes32 stateRoot,
        address account,
        bytes calldata nodes
    ) external pure returns (bytes32 root) {
        uint256 end;
        (root, end) = StateProof.storageRoot(stateRoot, account, nodes, 0);
        requireUsed(end, nodes);
    }

    function valueOf(bytes32 root, bytes32 slot, bytes calldata nodes) external pure returns (bytes32 value) {
        uint256 end;
        (value, end) = StateProof.valueOf(root, slot, nodes, 0);
        requireUsed(end, nodes);
    }

    function prove(
        Rule calldata rule,
        uint256 height,
        bytes32 anchor,
        bytes calldata proof
    ) public view returns (bytes32[] memory values, uint256 timestamp) {
        return RuleProof.prove(rule, height, anchor, proof);
    }

    function outcome(Rule calldata rule, bytes32[] calldata values) external view returns (Outcome) {
        return Predicate.outcome(rule, values);
    }

    function outcomeAt(Rule calldata rule, bytes32[] calldata values, uint256 index) external view returns (Outcome) {
        return Predicate.outcomeAt(rule, values, index, rule.gas);
    }

    function outcomeWithMore(Rule calldata rule, bytes32[] calldata values) external view returns (Outcome) {
        return Predicate.outcomeWithMore(rule, values);
    }

    function outcomeWithLess(Rule calldata rule, bytes32[] calldata values) external view returns (Outcome) {
        return Predicate.outcomeWithLess(rule, values);
    }

    /// @notice All of it, as a trip by proof does it.
    function judge(
        Rule calldata rule,
        uint256 height,
        bytes32 anchor,
        bytes calldata proof
    ) external view returns (Outcome) {
        (bytes32[] memory values, ) = prove(rule, height, anchor, proof);
        return Predicate.outcome(rule, values);
    }

    function requireUsed(uint256 used, bytes calldata proof) private pure {
        require(used == proof.length, RuleProof.ProofTooLong(used, proof.length));
    }
}
