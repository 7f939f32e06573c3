// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bls} from "./Bls.sol";

/// @notice RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_.
library HashToG1 {
    error TagLength(uint256 length);

    /// @dev Both tags have 43 bytes: 32 that differ, 11 that do not, then the length that RFC 9380 appends.
    bytes32 internal constant SIGNATURE = "BLS_SIG_BLS12381G1_XMD:SHA-256_S";
    bytes32 internal constant POSSESSION = "BLS_POP_BLS12381G1_XMD:SHA-256_S";
    bytes32 private constant TAG_END = "SWU_RO_POP_\x2b";

    /* PLAIN */

    /// @notice Hash of any message under any tag of 1 to 255 bytes, as 128 bytes.
    function hash(bytes memory message, bytes memory tag) internal view returns (bytes memory point) {
        bytes memory uniform = expand(message, tag, 128);
        point = new bytes(2 * Bls.G1_SIZE);
        uint256 first = dataOf(point);
        uint256 second = first + Bls.G1_SIZE;
        mapPlain(dataOf(uniform), first);
        mapPlain(dataOf(uniform) + 0x40, second);
        Bls.g1Add(first, first);
        assembly ("memory-safe") {
            mstore(point, 0x80)
        }
    }

    /// @notice expand_message_xmd with SHA-256, for a length that is a multiple of 32.
    function expand(
        bytes memory message,
        bytes memory tag,
        uint16 length
    ) internal pure returns (bytes memory uniform) {
        require(tag.length != 0 && tag.length < 256, TagLength(tag.length));
        bytes memory end = abi.encodePacked(tag, uint8(tag.length));
        bytes32 zero = sha256(abi.encodePacked(new bytes(64), message, length, uint8(0), end));
        bytes32 block_;
        for (uint8 i = 1; uniform.length < length; ++i) {
            block_ = sha256(abi.encodePacked(zero ^ block_, i, end));
            uniform = bytes.concat(uniform, block_);
        }
    }

    function mapPlain(uint256 uniform, uint256 point) private view {
        uint256 high;
        uint256 low;
        assembly ("memory-safe") {
            high := mload(uniform)
            low := mload(add(uniform, 0x20))
        }
        bytes memory modexp = abi.encodePacked(
            uint256(64),
            uint256(1),
            uint256(64),
            high,
            low,
            uint8(1),
            Bls.P_HIGH,
            Bls.P_LOW
        );
        Bls.reduce(dataOf(modexp), point);
        Bls.mapToG1(point, point);
    }

    function dataOf(bytes memory buffer) private pure returns (uint256 region) {
        assembly ("memory-safe") {
            region := add(buffer, 0x20)
        }
    }

    /* FOR GAS */

    /// @notice Same as `hash(abi.encodePacked(message), tag ‖ "SWU_RO_POP_")`, 128 bytes at `point`.
    /// @dev Writes 256 bytes at `point`.
    function hashWord(bytes32 message, bytes32 tag, uint256 point) internal view {
        uint256 buffer = Bls.allocate(0x220);
        uint256 modexp = buffer + 0x100;
        uint256 uniform = modexp + 0x60;
        bytes32 end = TAG_END;
        uint256 pHigh = Bls.P_HIGH;
        uint256 pLow = Bls.P_LOW;
        bytes32 zero;
        assembly ("memory-safe") {
            // 64 zeros ‖ message ‖ uint16 128 ‖ uint8 0 ‖ tag ‖ length of tag
            mstore(buffer, 0)
            mstore(add(buffer, 0x20), 0)
            mstore(add(buffer, 0x40), message)
            mstore(add(buffer, 0x60), shl(240, 128))
            mstore(add(buffer, 0x63), tag)
            mstore(add(buffer, 0x83), end)
        }
        Bls.sha256At(buffer, 143, buffer);
        assembly ("memory-safe") {
            zero := mload(buffer)
            // zero ^ previous ‖ uint8 index ‖ tag ‖ length of tag
            mstore8(add(buffer, 0x20), 1)
            mstore(add(buffer, 0x21), tag)
            mstore(add(buffer, 0x41), end)
            // lengths of base, exponent, modulus ‖ base ‖ exponent 1 ‖ modulus
            mstore(modexp, 64)
            mstore(add(modexp, 0x20), 1)
            mstore(add(modexp, 0x40), 64)
            mstore8(add(modexp, 0xa0), 1)
            mstore(add(modexp, 0xa1), pHigh)
            mstore(add(modexp, 0xc1), pLow)
        }
        Bls.sha256At(buffer, 77, uniform);
        next(buffer, zero, uniform, 2);
        Bls.sha256At(buffer, 77, uniform + 0x20);
        Bls.reduce(modexp, point);
        Bls.mapToG1(point, point);
        next(buffer, zero, uniform + 0x20, 3);
        Bls.sha256At(buffer, 77, uniform);
        next(buffer, zero, uniform, 4);
        Bls.sha256At(buffer, 77, uniform + 0x20);
        Bls.reduce(modexp, point + Bls.G1_SIZE);
        Bls.mapToG1(point + Bls.G1_SIZE, point + Bls.G1_SIZE);
        Bls.g1Add(point, point);
    }

    function next(uint256 buffer, bytes32 zero, uint256 previous, uint256 index) private pure {
        assembly ("memory-safe") {
            mstore(buffer, xor(zero, mload(previous)))
            mstore8(add(buffer, 0x20), index)
        }
    }
}
