// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rlp} from "./Rlp.sol";

/// @notice What a Merkle-Patricia trie holds at a key of 32 bytes, or that it holds nothing there.
/// @dev A proof is the nodes on the key's path from the root down, end to end, without those that lie within their
/// parents. Each is bound by its hash, all of it is used, and there is one proof of anything.
library Trie {
    /// keccak256 of the RLP of the empty string.
    bytes32 internal constant EMPTY_ROOT = 0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421;
    uint256 internal constant NIBBLES = 64;
    uint256 internal constant CHILDREN = 16;
    /// Nodes that are shorter lie within their parents.
    uint256 internal constant HASHED = 32;

    // First bytes of a child: none, a hash, a node within this one.
    uint256 private constant NONE = Rlp.STRING;
    uint256 private constant HASH = Rlp.STRING + 32;

    error NodeMismatch(uint256 offset, bytes32 expected, bytes32 found);
    error NodeInvalid(uint256 offset);
    error ProofTooLong(uint256 used, uint256 length);

    /// @param key What accounts and slots are found by: the hash of their name.
    /// @param value Part of `nodes`; empty when nothing is found.
    function get(
        bytes32 root,
        bytes32 key,
        bytes calldata nodes
    ) internal pure returns (bool found, bytes calldata value) {
        uint256 used;
        uint256 from;
        uint256 to;
        if (root != EMPTY_ROOT) (used, from, to) = find(root, uint256(key), nodes);
        require(used == nodes.length, ProofTooLong(used, nodes.length));
        return (from != to, nodes[from:to]);
    }

    /// @return used how many bytes of the nodes the path took
    /// @return from where the value begins
    /// @return to where it ends: where it begins when there is none
    function find(
        bytes32 root,
        uint256 key,
        bytes calldata nodes
    ) private pure returns (uint256 used, uint256 from, uint256 to) {
        uint256 offset;
        uint256 end;
        (offset, end) = open(nodes, 0, root);
        used = end;
        for (uint256 depth; ;) {
            uint256 child;
            (, , uint256 second) = Rlp.item(nodes, offset, end);
            (, , uint256 third) = Rlp.item(nodes, second, end);
            if (third != end) {
                require(depth < NIBBLES, NodeInvalid(offset));
                child = childAt(nodes, offset, end, (key << (4 * depth)) >> 252);
                depth += 1;
            } else {
                (bool isLeaf, bool isOn, uint256 length) = follow(nodes, offset, second, key, depth);
                depth += length;
                if (isLeaf) {
                    require(depth == NIBBLES, NodeInvalid(offset));
                    (from, to) = Rlp.text(nodes, second, end);
                    require(from != to, NodeInvalid(offset));
                    return isOn ? (used, from, to) : (used, from, from);
                }
                require(length != 0 && depth < NIBBLES, NodeInvalid(offset));
                child = second;
                requireChild(nodes, child);
                if (!isOn) return (used, 0, 0);
            }
            uint256 kind = uint8(nodes[child]);
            if (kind == NONE) return (used, 0, 0);
            if (kind == HASH) {
                (offset, end) = open(nodes, used, bytes32(nodes[child + 1:child + 33]));
                used = end;
            } else (offset, end) = Rlp.list(nodes, child, end);
        }
    }

    /// @notice The content of the node that begins here, which must have this hash.
    function open(
        bytes calldata nodes,
        uint256 offset,
        bytes32 hash
    ) private pure returns (uint256 payload, uint256 end) {
        (payload, end) = Rlp.list(nodes, offset, nodes.length);
        bytes32 found = keccak256(nodes[offset:end]);
        require(found == hash, NodeMismatch(offset, hash, found));
        // The root alone may be shorter and have a hash.
        require(offset == 0 || end - offset >= HASHED, NodeInvalid(offset));
    }

    /// @notice Where a branch of 16 children, and no value, holds one of them.
    function childAt(
        bytes calldata nodes,
        uint256 offset,
        uint256 end,
        uint256 nibble
    ) private pure returns (uint256 child) {
        uint256 next = offset;
        for (uint256 i; i < CHILDREN; ++i) {
            require(next < end, NodeInvalid(offset));
            if (i == nibble) child = next;
            next += sizeOf(uint8(nodes[next]), next);
        }
        require(next + 1 == end && uint8(nodes[next]) == NONE, NodeInvalid(offset));
    }

    /// @notice Bytes that a child takes which begins with this one.
    function sizeOf(uint256 first, uint256 offset) private pure returns (uint256) {
        if (first == HASH) return 1 + 32;
        if (first == NONE) return 1;
        require(first >= Rlp.LIST && 1 + first - Rlp.LIST < HASHED, NodeInvalid(offset));
        return 1 + first - Rlp.LIST;
    }

    /// @dev An extension leads to a node.
    function requireChild(bytes calldata nodes, uint256 offset) private pure {
        uint256 first = uint8(nodes[offset]);
        require(first != NONE && sizeOf(first, offset) != 0, NodeInvalid(offset));
    }

    /// @notice Follows the path that ends at `end`, of a leaf or an extension.
    /// @return isLeaf what its first nibble says
    /// @return isOn whether the key goes on as the path does
    /// @return length in nibbles
    function follow(
        bytes calldata nodes,
        uint256 offset,
        uint256 end,
        uint256 key,
        uint256 depth
    ) private pure returns (bool isLeaf, bool isOn, uint256 length) {
        (uint256 from, uint256 to) = Rlp.text(nodes, offset, end);
        require(from != to, NodeInvalid(offset));
        uint256 first = uint8(nodes[from]);
        uint256 odd = (first >> 4) & 1;
        // Of an even path the second nibble is filling.
        require(first < 0x40 && (odd == 1 || first & 0xf == 0), NodeInvalid(offset));
        isLeaf = first >= 0x20;
        length = 2 * (to - from - 1) + odd;
        require(depth + length <= NIBBLES, NodeInvalid(offset));
        uint256 path = odd == 1 ? uint256(bytes32(nodes[from:to])) << 4 : uint256(bytes32(nodes[from + 1:to]));
        isOn = (path ^ (key << (4 * depth))) >> (256 - 4 * length) == 0;
    }
}
