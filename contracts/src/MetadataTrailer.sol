// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What solc appends to code: a CBOR map of one to three keys, in this order: the hash of the metadata (`ipfs`,
/// `bzzr0` or `bzzr1`), `experimental`, `solc`; then the map's length in two bytes.
library MetadataTrailer {
    uint256 internal constant LENGTH_SIZE = 2;
    uint256 internal constant HASH_SIZE = 32;
    /// A map of no keys.
    uint256 internal constant MAP = 0xa0;

    // Keys with what leads their values: a multihash of SHA-256, a hash, true, and a release's three bytes.
    bytes9 internal constant IPFS = hex"646970667358221220";
    bytes8 internal constant BZZR0 = hex"65627a7a72305820";
    bytes8 internal constant BZZR1 = hex"65627a7a72315820";
    bytes14 internal constant EXPERIMENTAL = hex"6c6578706572696d656e74616cf5";
    bytes6 internal constant SOLC = hex"64736f6c6343";
    uint256 internal constant RELEASE_SIZE = 3;

    /// @notice Bytes of `code` before its trailer; all of it when it has none of just this form.
    function bodyLength(bytes memory code) internal pure returns (uint256 start) {
        uint256 total = code.length;
        if (total < LENGTH_SIZE) return total;
        // A memory array is far below 2^64, and nothing is taken that was not found to be there.
        unchecked {
            uint256 end = total - LENGTH_SIZE;
            uint256 length = uint16(bytes2(wordAt(code, end)));
            if (length == 0 || length > end) return total;
            start = end - length;
            uint256 place = start + 1;
            uint256 keys;
            bytes32 word = wordAt(code, place);
            if (bytes9(word) == IPFS) (place, keys) = (place + 9 + HASH_SIZE, 1);
            else if (bytes8(word) == BZZR0 || bytes8(word) == BZZR1) (place, keys) = (place + 8 + HASH_SIZE, 1);
            if (bytes14(wordAt(code, place)) == EXPERIMENTAL) (place, keys) = (place + 14, keys + 1);
            if (bytes6(wordAt(code, place)) == SOLC) (place, keys) = (place + 6 + RELEASE_SIZE, keys + 1);
            // What was read past the end led past it.
            bool whole = place == end && keys != 0 && uint8(code[start]) == MAP + keys;
            return whole ? start : total;
        }
    }

    /// @dev The 32 bytes from `place` on; past the end of `code` they say nothing.
    function wordAt(bytes memory code, uint256 place) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(add(code, 0x20), place))
        }
    }
}
