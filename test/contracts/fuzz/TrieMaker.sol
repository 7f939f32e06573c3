// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {next, within} from "./Vm.sol";

/// @notice The path of one key in a trie that nobody has made: what lies beside it is drawn.
library TrieMaker {
    using Memory for Memory.Slice;

    struct Path {
        bytes32 root;
        bytes32 key;
        bytes value;
        /// Root first, without nodes that lie within their parents.
        bytes[] nodes;
        /// Digits of the key above each of them.
        uint256[] depths;
        /// The same above the leaf.
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
        bytes memory node = pair(flagged(path.key, depth, 64, 2), RLP.encode(path.value));
        while (depth != 0) {
            seed = next(seed);
            bytes memory link = node;
            if (node.length >= 32) {
                put(path, node, depth);
                link = RLP.encode(keccak256(node));
            }
            // An extension leads to a branch.
            if (seed % 4 == 0 && isBranch(node)) {
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
        put(path, node, 0);
        path.root = keccak256(node);
    }

    /// @notice Puts a node above those that are there.
    function put(Path memory path, bytes memory node, uint256 depth) private pure {
        (bytes[] memory nodes, uint256[] memory depths) = (path.nodes, path.depths);
        (path.nodes, path.depths) = (new bytes[](nodes.length + 1), new uint256[](nodes.length + 1));
        (path.nodes[0], path.depths[0]) = (node, depth);
        for (uint256 i; i < nodes.length; ++i) (path.nodes[i + 1], path.depths[i + 1]) = (nodes[i], depths[i]);
    }

    /// @notice The first nodes as a proof for a key that goes through them.
    function proof(Path memory path, bytes32 key, uint256 count) internal pure returns (bytes memory all) {
        for (uint256 i; i < count; ++i) {
            uint256 digit = path.depths[i] == 64 ? 16 : nibble(key, path.depths[i]);
            all = bytes.concat(all, packed(path.nodes[i], digit));
        }
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

    /// @notice A branch of hashes as a proof holds it, any other node as it is.
    function packed(bytes memory node, uint256 digit) private pure returns (bytes memory) {
        Memory.Slice[] memory items = RLP.decodeList(node);
        if (items.length != 17) return node;
        uint16 mask;
        bytes memory hashes;
        for (uint256 i; i < 16; ++i) {
            uint256 length = items[i].length();
            if (length == 1) continue;
            if (length != 33 || bytes1(items[i].load(0)) != 0xa0) return node;
            mask |= uint16(1 << i);
            if (i != digit) hashes = bytes.concat(hashes, RLP.readBytes32(items[i]));
        }
        return bytes.concat(bytes1(0), bytes2(mask), hashes);
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
