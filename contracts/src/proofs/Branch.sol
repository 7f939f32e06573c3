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

    /// @notice Which children a packed branch has: the second and the third byte of it.
    function maskAt(bytes calldata source, uint256 start) internal pure returns (uint256) {
        return uint16(uint256(Rlp.wordAt(source, start)) >> (256 - 8 * HEADER));
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
        uint256 payload = 17 + 32 * LibBit.popCount(mask);
        uint256 first = Rlp.LIST + (payload > Rlp.SHORT ? Rlp.SHORT + (payload > 0xff ? 2 : 1) : payload);
        // Plainly: bytes.concat of the header, hex"80" or hex"a0" and the hash for each child, and hex"80".
        assembly ("memory-safe") {
            let node := mload(0x40)
            let next := add(node, 3)
            let from := add(add(source.offset, start), 3)
            // Of all sixteen, as most are, those before the digit and those behind it.
            if eq(mask, 0xffff) {
                for {
                    let spot := add(next, mul(33, nibble))
                } lt(next, spot) {
                    next := add(next, 33)
                } {
                    mstore8(next, 0xa0)
                    mstore(add(next, 1), calldataload(from))
                    from := add(from, 32)
                }
                mstore8(next, 0xa0)
                mstore(add(next, 1), child)
                for {
                    next := add(next, 33)
                    let spot := add(node, 531)
                } lt(next, spot) {
                    next := add(next, 33)
                } {
                    mstore8(next, 0xa0)
                    mstore(add(next, 1), calldataload(from))
                    from := add(from, 32)
                }
            }
            for {
                let i := shl(4, eq(mask, 0xffff))
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
}
