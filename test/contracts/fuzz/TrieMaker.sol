// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {next, within} from "./Vm.sol";

/// @notice The path of one key in a trie that nobody has made: what lies beside it is drawn.
library TrieMaker {
    struct Path {
        bytes32 root;
        bytes32 key;
        bytes value;
        /// Root first, without nodes that lie within their parents.
        bytes[] nodes;
        /// Digits of the key above the leaf.
        uint256 depth;
        /// The same above the last branch that has no child but the one on the path; 64 when each has others.
        uint256 lonely;
    }

    /// @dev From the leaf up, so that what is deep may be short.
    function make(uint256 seed) internal pure returns (Path memory path) {
        path.key = bytes32(next(seed));
        path.lonely = 64;
        seed = next(seed ^ 1);
        uint256 depth = seed % 3 == 0 ? within(seed >> 8, 50, 64) : within(seed >> 8, 0, 12);
        path.depth = depth;
        path.value = some(next(seed), seed % 2 == 0 ? 1 : within(seed >> 16, 1, 70));
        bytes[] memory found = new bytes[](66);
        uint256 count;
        bytes memory node = pair(flagged(path.key, depth, 64, 2), RLP.encode(path.value));
        while (depth != 0) {
            seed = next(seed);
            bytes memory link = node;
            if (node.length >= 32) {
                found[count++] = node;
                link = RLP.encode(keccak256(node));
            }
            // An extension leads to a branch.
            bool extends_ = seed % 4 == 0 && isBranch(node);
            if (extends_) {
                uint256 up = within(seed >> 8, 1, depth);
                node = pair(flagged(path.key, depth - up, depth, 0), link);
                depth -= up;
            } else {
                depth -= 1;
                bool full = seed % 3 != 0;
                if (!full) path.lonely = depth;
                node = branch(nibble(path.key, depth), link, full ? seed : 0);
            }
        }
        found[count++] = node;
        path.root = keccak256(node);
        path.nodes = new bytes[](count);
        for (uint256 i; i < count; ++i) path.nodes[i] = found[count - 1 - i];
    }

    function blob(bytes[] memory nodes) internal pure returns (bytes memory all) {
        for (uint256 i; i < nodes.length; ++i) all = bytes.concat(all, nodes[i]);
    }

    function nibble(bytes32 key, uint256 index) internal pure returns (uint256) {
        return (uint256(key) >> (252 - 4 * index)) & 0xf;
    }

    /// @param seed Draws the other children; zero for none.
    function branch(uint256 place, bytes memory link, uint256 seed) private pure returns (bytes memory) {
        bytes[] memory items = new bytes[](17);
        for (uint256 i; i < 17; ++i) items[i] = hex"80";
        if (seed != 0)
            for (uint256 i; i < 16; ++i) if ((seed >> (8 + i)) & 1 == 1) items[i] = RLP.encode(hashed(seed, i));
        items[place] = link;
        return RLP.encode(items);
    }

    function hashed(uint256 seed, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(seed, index));
    }

    function isBranch(bytes memory node) private pure returns (bool) {
        return RLP.decodeList(node).length == 17;
    }

    function pair(bytes memory first, bytes memory second) private pure returns (bytes memory) {
        bytes[] memory items = new bytes[](2);
        (items[0], items[1]) = (RLP.encode(first), second);
        return RLP.encode(items);
    }

    /// @notice Digits `from` to `to` of a key as a node holds them.
    function flagged(bytes32 key, uint256 from, uint256 to, uint256 flag) private pure returns (bytes memory path) {
        uint256 odd = (to - from) % 2;
        path = new bytes(1 + (to - from) / 2);
        path[0] = bytes1(uint8(((flag + odd) << 4) | (odd == 1 ? nibble(key, from) : 0)));
        for (uint256 i = 1; i < path.length; ++i) {
            uint256 digit = from + odd + 2 * (i - 1);
            path[i] = bytes1(uint8((nibble(key, digit) << 4) | nibble(key, digit + 1)));
        }
    }

    function some(uint256 seed, uint256 length) private pure returns (bytes memory bytes_) {
        bytes_ = new bytes(length);
        for (uint256 i; i < length; ++i) {
            if (i % 32 == 0) seed = next(seed);
            bytes_[i] = bytes1(uint8(seed >> (8 * (i % 32))));
        }
    }
}
