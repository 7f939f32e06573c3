// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TrieProof} from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";
import {RuleProof} from "../../../contracts/src/proofs/RuleProof.sol";
import {Trie} from "../../../contracts/src/proofs/Trie.sol";
import {TrieMaker} from "./TrieMaker.sol";
import {next, within} from "./Vm.sol";

/// @notice Our walk of a trie beside OpenZeppelin's, which knows inclusion only.
contract TrieTest {
    error WalksDiffer(bytes32 root, bytes32 key, bytes ours, bytes theirs);
    error NotShown(bytes32 root, bytes32 key, bytes32 asked);
    error Taken(bytes nodes);

    function testFuzz_shows_what_the_other_walk_shows(uint256 seed) external view {
        TrieMaker.Path memory path = TrieMaker.make(seed);
        bytes memory theirs = TrieProof.traverse(path.root, abi.encodePacked(path.key), path.nodes);
        bytes memory ours = this.get(path.root, path.key, TrieMaker.proof(path, path.key, path.nodes.length));
        bool same = keccak256(ours) == keccak256(theirs) && keccak256(ours) == keccak256(path.value);
        require(same, WalksDiffer(path.root, path.key, ours, theirs));
    }

    /// @dev A key that shares all its digits but the last with one that is there, and one that leaves its path at a branch
    /// without other children.
    function testFuzz_shows_that_nothing_else_is_there(uint256 seed) external view {
        TrieMaker.Path memory path = TrieMaker.make(seed);
        uint256 change = within(next(seed), 1, 15);
        if (path.depth != 64) requireAbsent(path, bytes32(uint256(path.key) ^ change));
        if (path.lonely != 64) requireAbsent(path, bytes32(uint256(path.key) ^ (change << (252 - 4 * path.lonely))));
    }

    function testFuzz_takes_no_byte_for_another(uint256 seed, uint256 where, uint8 change) external view {
        TrieMaker.Path memory path = TrieMaker.make(seed);
        bytes memory nodes = TrieMaker.proof(path, path.key, path.nodes.length);
        where = where % nodes.length;
        nodes[where] ^= bytes1(change == 0 ? 1 : change);
        requireRefused(path, nodes);
    }

    function testFuzz_takes_neither_less_nor_more(uint256 seed, uint256 where, bytes1 more) external view {
        TrieMaker.Path memory path = TrieMaker.make(seed);
        bytes memory nodes = TrieMaker.proof(path, path.key, path.nodes.length);
        requireRefused(path, bytes.concat(nodes, more));
        uint256 length = where % nodes.length;
        bytes memory part = new bytes(length);
        for (uint256 i; i < length; ++i) part[i] = nodes[i];
        requireRefused(path, part);
    }

    /// @notice For a call of its own: nodes are calldata.
    function get(bytes32 root, bytes32 key, bytes calldata nodes) external pure returns (bytes memory value) {
        uint256 end;
        (value, end) = Trie.get(root, key, nodes, 0);
        require(end == nodes.length, RuleProof.ProofTooLong(end, nodes.length));
    }

    /// @dev One of the path's beginnings shows it, and none shows a value.
    function requireAbsent(TrieMaker.Path memory path, bytes32 key) internal view {
        uint256 shown;
        for (uint256 i = 1; i <= path.nodes.length; ++i) {
            try this.get(path.root, key, TrieMaker.proof(path, key, i)) returns (bytes memory value) {
                require(value.length == 0, NotShown(path.root, path.key, key));
                ++shown;
            } catch {}
        }
        require(shown == 1, NotShown(path.root, path.key, key));
    }

    function requireRefused(TrieMaker.Path memory path, bytes memory nodes) internal view {
        try this.get(path.root, path.key, nodes) returns (bytes memory) {
            revert Taken(nodes);
        } catch (bytes memory thrown) {
            // Ours are errors of their own; a panic has another name.
            require(thrown.length >= 4 && bytes4(thrown) != bytes4(keccak256("Panic(uint256)")), Taken(nodes));
        }
    }
}
