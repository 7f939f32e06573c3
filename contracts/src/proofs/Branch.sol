// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {Rlp} from "./Rlp.sol";

/// @notice A branch whose children all have hashes, as proofs carry it.
/// @dev Packed: zero, a mask of its children, and their hashes but for the one on the path, which is the next node's. So
/// calldata, which is nearly all of a proof's cost, is a tenth less than of the RLP.
library Branch {
    /// First byte, which no RLP of a node has, and how many come before the hashes.
    uint256 internal constant PACKED = 0;
    uint256 internal constant HEADER = 3;
    /// Mask of sixteen children, and the size of a branch that has them.
    uint256 internal constant FULL = 0xffff;
    uint256 internal constant FULL_SIZE = HEADER + 15 * 32;

    /// @notice Which children a packed branch has: the second and the third byte of it.
    function maskAt(bytes calldata source, uint256 start) internal pure returns (uint256) {
        return uint16(uint256(Rlp.wordAt(source, start)) >> (256 - 8 * HEADER));
    }

    /// @notice Whether a packed branch with all sixteen children begins at `start`.
    function isFull(bytes calldata source, uint256 start) internal pure returns (bool) {
        // Its first byte is zero.
        return uint256(Rlp.wordAt(source, start)) >> (256 - 8 * HEADER) == FULL;
    }

    /// @notice Hash of the packed branch at `start`.
    /// @param child Hash of what its digit leads to; of no use where it has none there.
    function hashOf(
        bytes calldata source,
        uint256 start,
        uint256 nibble,
        bytes32 child
    ) internal pure returns (bytes32 hash) {
        uint256 mask = maskAt(source, start);
        if (mask == FULL) return hashOfFull(source, start, nibble, child);
        uint256 payload = 17 + 32 * LibBit.popCount(mask);
        uint256 first = Rlp.LIST + (payload > Rlp.SHORT ? Rlp.SHORT + (payload > 0xff ? 2 : 1) : payload);
        // Plainly: bytes.concat of the header, hex"80" or hex"a0" and the hash for each child, and hex"80".
        assembly ("memory-safe") {
            let node := mload(0x40)
            let next := add(node, 3)
            let from := add(add(source.offset, start), 3)
            for {
                let i := 0
            } lt(i, 16) {
                i := add(i, 1)
            } {
                // 32 where there is a child; where there is none, what is written here is written over.
                let size := and(shl(5, shr(i, mask)), 32)
                mstore8(next, or(0x80, size))
                next := add(next, 1)
                mstore(next, calldataload(from))
                if eq(i, nibble) {
                    mstore(next, child)
                    from := sub(from, size)
                }
                from := add(from, size)
                next := add(next, size)
            }
            mstore8(next, 0x80)
            mstore8(add(node, 2), payload)
            switch gt(payload, 0xff)
            case 0 {
                node := add(node, 1)
                if lt(payload, 56) {
                    node := add(node, 1)
                }
            }
            default {
                mstore8(add(node, 1), shr(8, payload))
            }
            mstore8(node, first)
            hash := keccak256(node, sub(add(next, 1), node))
        }
    }

    /// @notice The same of a branch with all sixteen children, as most are.
    function hashOfFull(
        bytes calldata source,
        uint256 start,
        uint256 nibble,
        bytes32 child
    ) private pure returns (bytes32 hash) {
        // Plainly: the loop of `hashOf`, whose child at the digit is read from wherever and written over.
        assembly ("memory-safe") {
            let node := mload(0x40)
            let from := add(add(source.offset, start), 3)
            // 32 for each digit behind the one on the path, whose hash is not there.
            let back := shr(shl(3, add(nibble, 1)), 0x2020202020202020202020202020202020202020202020202020202020202020)
            mstore(node, hex"f90211")
            mstore8(add(node, 3), 0xa0)
            mstore(add(node, 4), calldataload(sub(from, byte(0, back))))
            mstore8(add(node, 36), 0xa0)
            mstore(add(node, 37), calldataload(sub(add(from, 32), byte(1, back))))
            mstore8(add(node, 69), 0xa0)
            mstore(add(node, 70), calldataload(sub(add(from, 64), byte(2, back))))
            mstore8(add(node, 102), 0xa0)
            mstore(add(node, 103), calldataload(sub(add(from, 96), byte(3, back))))
            mstore8(add(node, 135), 0xa0)
            mstore(add(node, 136), calldataload(sub(add(from, 128), byte(4, back))))
            mstore8(add(node, 168), 0xa0)
            mstore(add(node, 169), calldataload(sub(add(from, 160), byte(5, back))))
            mstore8(add(node, 201), 0xa0)
            mstore(add(node, 202), calldataload(sub(add(from, 192), byte(6, back))))
            mstore8(add(node, 234), 0xa0)
            mstore(add(node, 235), calldataload(sub(add(from, 224), byte(7, back))))
            mstore8(add(node, 267), 0xa0)
            mstore(add(node, 268), calldataload(sub(add(from, 256), byte(8, back))))
            mstore8(add(node, 300), 0xa0)
            mstore(add(node, 301), calldataload(sub(add(from, 288), byte(9, back))))
            mstore8(add(node, 333), 0xa0)
            mstore(add(node, 334), calldataload(sub(add(from, 320), byte(10, back))))
            mstore8(add(node, 366), 0xa0)
            mstore(add(node, 367), calldataload(sub(add(from, 352), byte(11, back))))
            mstore8(add(node, 399), 0xa0)
            mstore(add(node, 400), calldataload(sub(add(from, 384), byte(12, back))))
            mstore8(add(node, 432), 0xa0)
            mstore(add(node, 433), calldataload(sub(add(from, 416), byte(13, back))))
            mstore8(add(node, 465), 0xa0)
            mstore(add(node, 466), calldataload(sub(add(from, 448), byte(14, back))))
            mstore8(add(node, 498), 0xa0)
            mstore(add(node, 499), calldataload(sub(add(from, 480), byte(15, back))))
            mstore(add(add(node, 4), mul(33, nibble)), child)
            mstore8(add(node, 531), 0x80)
            hash := keccak256(node, 532)
        }
    }
}
