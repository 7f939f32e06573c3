// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {Branch} from "./Branch.sol";
import {Rlp} from "./Rlp.sol";

/// @notice What a Merkle-Patricia trie holds at a key of 32 bytes, or that it holds nothing there.
/// @dev A proof is the nodes on the key's path from the root down, end to end, without those that lie within their
/// parents. A branch whose children all have hashes is packed, any other node is its RLP. So there is one proof of anything,
/// and it shows where it ends.
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

    /// @notice The way down from a root.
    struct Path {
        uint256 key;
        /// Digits of the key so far.
        uint256 depth;
        /// How many nodes with a hash there are.
        uint256 count;
        /// Where each of them begins, and the last one ends.
        uint256[NIBBLES + 2] starts;
        /// Where each holds the hash of the next: its digit in a packed branch, else an offset.
        uint256[NIBBLES + 1] links;
    }

    error NodeInvalid(uint256 offset);
    error NodeMismatch(uint256 offset, bytes32 expected, bytes32 found);

    /// @param key What accounts and slots are found by: the hash of their name.
    /// @param offset Where the proof begins.
    /// @return value empty when there is nothing
    /// @return end where the proof ends
    function get(
        bytes32 root,
        bytes32 key,
        bytes calldata source,
        uint256 offset
    ) internal pure returns (bytes calldata value, uint256 end) {
        if (root == EMPTY_ROOT) return (source[:0], offset);
        Path memory path;
        path.key = uint256(key);
        path.starts[0] = offset;
        (uint256 from, uint256 to) = descend(path, source);
        requireRoot(path, source, root);
        return (source[from:to], path.starts[path.count]);
    }

    /// @notice Follows the key as far as the nodes go; what they are is not known yet.
    /// @return from where the value begins
    /// @return to where it ends: where it begins when there is none
    function descend(Path memory path, bytes calldata source) private pure returns (uint256 from, uint256 to) {
        bool goesOn = true;
        uint256 start = path.starts[0];
        while (goesOn) {
            start = passFull(path, source, start);
            require(start < source.length, Rlp.RlpTruncated(start));
            if (Rlp.byteAt(source, start) == Branch.PACKED) (goesOn, start) = unpack(path, source, start);
            else {
                (goesOn, from, to) = read(path, source, start);
                start = path.starts[path.count];
            }
        }
    }

    /// @notice Passes branches with all sixteen children, as the first ones of a large trie are.
    /// @dev Plainly: `unpack` of each. What is no such branch, or more than there may be, is left to it.
    function passFull(Path memory path, bytes calldata source, uint256 start) private pure returns (uint256 end) {
        end = start;
        (uint256 depth, uint256 count) = (path.depth, path.count);
        // Offsets are of calldata, and there are 64 digits.
        unchecked {
            while (depth < NIBBLES && end + Branch.FULL_SIZE <= source.length && Branch.isFull(source, end)) {
                path.links[count] = (path.key << (4 * depth)) >> 252;
                end += Branch.FULL_SIZE;
                path.starts[++count] = end;
                ++depth;
            }
        }
        (path.depth, path.count) = (depth, count);
    }

    /// @notice Passes a packed branch.
    function unpack(
        Path memory path,
        bytes calldata source,
        uint256 start
    ) private pure returns (bool goesOn, uint256 end) {
        // Offsets are of calldata.
        unchecked {
            uint256 from = start + Branch.HEADER;
            require(from <= source.length, Rlp.RlpTruncated(start));
            uint256 mask = Branch.maskAt(source, start);
            uint256 nibble = take(path, start);
            goesOn = (mask >> nibble) & 1 == 1;
            uint256 hashes = LibBit.popCount(mask);
            require(hashes != 0, NodeInvalid(start));
            end = from + 32 * (goesOn ? hashes - 1 : hashes);
            require(end <= source.length, Rlp.RlpTruncated(start));
            pass(path, nibble, end);
        }
    }

    /// @notice Passes a node in RLP, and those that lie within it.
    function read(
        Path memory path,
        bytes calldata source,
        uint256 start
    ) private pure returns (bool goesOn, uint256 from, uint256 to) {
        (uint256 offset, uint256 end) = Rlp.list(source, start, source.length);
        // The root alone may be shorter and have a hash.
        require(path.count == 0 || end - start >= HASHED, NodeInvalid(start));
        uint256 last = end;
        while (true) {
            uint256 child;
            (, , uint256 second) = Rlp.item(source, offset, end);
            (, , uint256 third) = Rlp.item(source, second, end);
            if (third != end) child = childAt(source, offset, end, take(path, offset));
            else {
                (bool isLeaf, bool isOn) = follow(path, source, offset, second);
                if (isLeaf) {
                    (from, to) = Rlp.text(source, second, end);
                    require(from != to, NodeInvalid(offset));
                    pass(path, 0, last);
                    return isOn ? (false, from, to) : (false, from, from);
                }
                child = second;
                // An extension leads to a node.
                bool leads = uint8(source[child]) != NONE && child + sizeOf(source, child) == end;
                require(leads, NodeInvalid(offset));
                if (!isOn) {
                    pass(path, 0, last);
                    return (false, 0, 0);
                }
            }
            uint256 kind = uint8(source[child]);
            if (kind == NONE || kind == HASH) {
                pass(path, child + 1, last);
                return (kind == HASH, 0, 0);
            }
            (offset, end) = Rlp.list(source, child, end);
        }
    }

    /// @notice Hashes the nodes from the last one up.
    function requireRoot(Path memory path, bytes calldata source, bytes32 root) private pure {
        bytes32 hash;
        for (uint256 i = path.count; i != 0;) {
            --i;
            (uint256 start, uint256 end, uint256 link) = (path.starts[i], path.starts[i + 1], path.links[i]);
            if (Rlp.byteAt(source, start) == Branch.PACKED) hash = Branch.hashOf(source, start, link, hash);
            else {
                if (i + 1 != path.count) {
                    bytes32 expected = Rlp.wordAt(source, link);
                    require(expected == hash, NodeMismatch(end, expected, hash));
                }
                hash = keccak256(source[start:end]);
            }
        }
        uint256 first = path.starts[0];
        require(hash == root, NodeMismatch(first, root, hash));
    }

    /// @notice The next digit of the key.
    function take(Path memory path, uint256 offset) private pure returns (uint256 nibble) {
        uint256 depth = path.depth;
        require(depth < NIBBLES, NodeInvalid(offset));
        // Of 64 digits.
        unchecked {
            nibble = (path.key << (4 * depth)) >> 252;
            path.depth = depth + 1;
        }
    }

    /// @notice Ends a node.
    function pass(Path memory path, uint256 link, uint256 end) private pure {
        uint256 count = path.count;
        path.links[count] = link;
        // Of 65 links, or that was out of them.
        unchecked {
            ++count;
        }
        path.count = count;
        path.starts[count] = end;
    }

    /// @notice Where a branch of 16 children, and no value, holds one of them.
    function childAt(
        bytes calldata source,
        uint256 offset,
        uint256 end,
        uint256 nibble
    ) private pure returns (uint256 child) {
        uint256 next = offset;
        bool holdsNode;
        for (uint256 i; i < CHILDREN; ++i) {
            require(next < end, NodeInvalid(offset));
            if (i == nibble) child = next;
            if (Rlp.byteAt(source, next) >= Rlp.LIST) holdsNode = true;
            next += sizeOf(source, next);
        }
        // One that holds none is packed.
        bool fits = holdsNode && next + 1 == end && uint8(source[next]) == NONE;
        require(fits, NodeInvalid(offset));
    }

    /// @notice Bytes that a child takes.
    function sizeOf(bytes calldata source, uint256 offset) private pure returns (uint256) {
        uint256 first = uint8(source[offset]);
        if (first == HASH) return 1 + 32;
        if (first == NONE) return 1;
        require(first >= Rlp.LIST && 1 + first - Rlp.LIST < HASHED, NodeInvalid(offset));
        return 1 + first - Rlp.LIST;
    }

    /// @notice Follows the path of a leaf or an extension, which ends at `end`.
    /// @return isLeaf what its first nibble says
    /// @return isOn whether the key goes on as the path does
    function follow(
        Path memory path,
        bytes calldata source,
        uint256 offset,
        uint256 end
    ) private pure returns (bool isLeaf, bool isOn) {
        (uint256 from, uint256 to) = Rlp.text(source, offset, end);
        require(from != to, NodeInvalid(offset));
        uint256 first = uint8(source[from]);
        uint256 odd = (first >> 4) & 1;
        // Of an even path the second nibble is filling.
        require(first < 0x40 && (odd == 1 || first & 0xf == 0), NodeInvalid(offset));
        isLeaf = first >= 0x20;
        uint256 depth = path.depth;
        uint256 length = 2 * (to - from - 1) + odd;
        bool fits = isLeaf ? depth + length == NIBBLES : length != 0 && depth + length < NIBBLES;
        require(fits, NodeInvalid(offset));
        uint256 way = odd == 1 ? uint256(bytes32(source[from:to])) << 4 : uint256(bytes32(source[from + 1:to]));
        isOn = (way ^ (path.key << (4 * depth))) >> (256 - 4 * length) == 0;
        path.depth = depth + length;
    }
}
