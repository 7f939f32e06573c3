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
        uint256 first = uint8(source[offset]);
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
        bool isByte = length == 1 && !isList;
        require(!isByte || uint8(source[payload]) >= STRING, RlpNotCanonical(offset));
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

    /// @notice A string of exactly 32 bytes.
    function word(
        bytes calldata source,
        uint256 offset,
        uint256 limit
    ) internal pure returns (bytes32 value, uint256 end) {
        uint256 payload;
        (payload, end) = text(source, offset, limit);
        require(end - payload == 32, RlpUnexpected(offset));
        value = bytes32(source[payload:end]);
    }

    /// @notice The number that these bytes are, big-endian.
    function number(bytes calldata source, uint256 from, uint256 to) internal pure returns (uint256) {
        if (from == to) return 0;
        uint256 length = to - from;
        require(length <= 32 && source[from] != 0, RlpNotCanonical(from));
        return uint256(bytes32(source[from:to])) >> (256 - 8 * length);
    }
}
