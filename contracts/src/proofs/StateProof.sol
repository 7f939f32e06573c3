// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHash} from "../BlockHash.sol";
import {Rlp} from "./Rlp.sol";
import {Trie} from "./Trie.sol";

/// @notice From the hash of a block to its header, to an account's storage, to the value of a slot.
library StateProof {
    /// @notice What is read of a header.
    struct Header {
        bytes32 stateRoot;
        uint256 height;
        uint256 timestamp;
    }

    uint256 internal constant MAX_HEADER = 2048;
    // Places of fields. Forks have added some at the end, and may add more.
    uint256 private constant STATE_ROOT = 3;
    uint256 private constant HEIGHT = 8;
    uint256 private constant TIMESTAMP = 11;
    uint256 private constant MIN_FIELDS = 15;

    /// @dev Not one of the 8,191 blocks before this one, or of 256 where the chain keeps no more.
    error BlockUnknown(uint256 height);
    error HeaderMismatch(bytes32 expected, bytes32 found);
    error HeaderInvalid(uint256 length, uint256 fields);
    error HeightMismatch(uint256 expected, uint256 found);
    error AccountInvalid(address account);
    error SlotInvalid(bytes32 slot);

    /// @notice The header of the block that this chain has at a height.
    function canonical(bytes calldata header, uint256 height) internal view returns (Header memory read) {
        bytes32 hash = BlockHash.read(height);
        require(hash != 0, BlockUnknown(height));
        read = open(header, hash);
        require(read.height == height, HeightMismatch(height, read.height));
    }

    /// @notice The header with this hash.
    function open(bytes calldata header, bytes32 hash) internal pure returns (Header memory read) {
        bytes32 found = keccak256(header);
        require(found == hash, HeaderMismatch(hash, found));
        (uint256 offset, uint256 end) = Rlp.list(header, 0, header.length);
        uint256 field;
        for (; offset < end; ++field) {
            (, uint256 from, uint256 to) = Rlp.item(header, offset, end);
            if (field == STATE_ROOT) (read.stateRoot, ) = Rlp.word(header, offset, end);
            else if (field == HEIGHT) read.height = Rlp.number(header, from, to);
            else if (field == TIMESTAMP) read.timestamp = Rlp.number(header, from, to);
            offset = to;
        }
        bool fits = end == header.length && end <= MAX_HEADER;
        require(fits && field >= MIN_FIELDS, HeaderInvalid(header.length, field));
    }

    /// @notice Root of an account's storage: the empty one when there is no such account.
    function storageRoot(
        bytes32 stateRoot,
        address account,
        bytes calldata nodes
    ) internal pure returns (bytes32 root) {
        (bool found, bytes calldata leaf) = Trie.get(stateRoot, keccak256(abi.encodePacked(account)), nodes);
        if (!found) return Trie.EMPTY_ROOT;
        // [nonce, balance, storage root, code hash]
        (uint256 offset, uint256 end) = Rlp.list(leaf, 0, leaf.length);
        (, offset) = Rlp.text(leaf, offset, end);
        (, offset) = Rlp.text(leaf, offset, end);
        (root, offset) = Rlp.word(leaf, offset, end);
        (, offset) = Rlp.word(leaf, offset, end);
        require(offset == leaf.length, AccountInvalid(account));
    }

    /// @notice What a slot holds: zero when the trie has nothing there.
    function valueOf(bytes32 root, bytes32 slot, bytes calldata nodes) internal pure returns (bytes32) {
        (bool found, bytes calldata leaf) = Trie.get(root, keccak256(abi.encode(slot)), nodes);
        if (!found) return 0;
        (uint256 from, uint256 to) = Rlp.text(leaf, 0, leaf.length);
        require(to == leaf.length, SlotInvalid(slot));
        // A leaf of nothing is what some clients keep of a slot that was emptied.
        return bytes32(Rlp.number(leaf, from, to));
    }
}
