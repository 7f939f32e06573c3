// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Reads RLP where it lies, by offsets.
/// @dev Only the one canonical form of anything is taken. `limit` is at most the length of `source`.
library Rlp {
    uint256 internal constant STRING = 0x80;
    uint256 internal constant LIST = 0xc0;
    /// Longest payload whose length is part of the first byte.
    uint256 internal constant SHORT = 55;

    /// @dev Something ends after whatever holds it.
    error RlpTruncated(uint256 offset);
    /// @dev A length or a number that could be shorter, or one of more than 65,535 bytes.
    error RlpNotCanonical(uint256 offset);
    /// @dev A list where a string is due, or the other way round.
    error RlpUnexpected(uint256 offset);

    /// @return isList whether it is a list
    /// @return payload where its content begins
    /// @return end where the next item begins
    function item(
        bytes calldata source,
        uint256 offset,
        uint256 limit
    ) internal pure returns (bool isList, uint256 payload, uint256 end) {
        require(offset < limit, RlpTruncated(offset));
        uint256 first = byteAt(source, offset);
        // Offsets are of calldata, and lengths below 2^16.
        unchecked {
            if (first < STRING) return (false, offset, offset + 1);
            isList = first >= LIST;
            uint256 length = first - (isList ? LIST : STRING);
            payload = offset + 1;
            if (length > SHORT) {
                uint256 width = length - SHORT;
                require(width <= 2, RlpNotCanonical(offset));
                require(payload + width <= limit, RlpTruncated(offset));
                length = number(source, payload, payload + width);
                require(length > SHORT, RlpNotCanonical(offset));
                payload += width;
            }
            end = payload + length;
            require(end <= limit, RlpTruncated(offset));
            if (length == 1 && !isList) require(byteAt(source, payload) >= STRING, RlpNotCanonical(offset));
        }
    }

    function list(
        bytes calldata source,
        uint256 offset,
        uint256 limit
    ) internal pure returns (uint256 payload, uint256 end) {
        bool isList;
        (isList, payload, end) = item(source, offset, limit);
        require(isList, RlpUnexpected(offset));
    }

    function text(
        bytes calldata source,
        uint256 offset,
        uint256 limit
    ) internal pure returns (uint256 payload, uint256 end) {
        bool isList;
        (isList, payload, end) = item(source, offset, limit);
        require(!isList, RlpUnexpected(offset));
    }

    /// @notice Where the next item begins, of what is known to be well made.
    function skip(bytes calldata source, uint256 offset) internal pure returns (uint256 end) {
        uint256 first = byteAt(source, offset);
        unchecked {
            if (first < STRING) return offset + 1;
            if (first <= STRING + SHORT) return offset + 1 + first - STRING;
        }
        (, , end) = item(source, offset, source.length);
    }

    /// @notice A string of exactly 32 bytes.
    function word(
        bytes calldata source,
        uint256 offset,
        uint256 limit
    ) internal pure returns (bytes32 value, uint256 end) {
        uint256 payload;
        (payload, end) = text(source, offset, limit);
        require(end - payload == 32, RlpUnexpected(offset));
        value = wordAt(source, payload);
    }

    /// @notice The number that these bytes are, big-endian.
    function number(bytes calldata source, uint256 from, uint256 to) internal pure returns (uint256) {
        if (from == to) return 0;
        // It ends behind where it begins.
        unchecked {
            uint256 length = to - from;
            require(length <= 32 && byteAt(source, from) != 0, RlpNotCanonical(from));
            return uint256(wordAt(source, from)) >> (256 - 8 * length);
        }
    }

    /// @notice `uint8(source[offset])`, for offsets that are known to lie within.
    function byteAt(bytes calldata source, uint256 offset) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, calldataload(add(source.offset, offset)))
        }
    }

    /// @notice `bytes32(source[offset:offset + 32])`, for offsets that are known to lie within; what is behind the end is
    /// not of the source.
    function wordAt(bytes calldata source, uint256 offset) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := calldataload(add(source.offset, offset))
        }
    }
}
