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

    /// @dev Not one of the 8,191 blocks before this one, or of 256 where the chain keeps no more.
    error BlockUnknown(uint256 height);
    error HeaderMismatch(bytes32 expected, bytes32 found);
    /// @dev Longer than any, or over before its timestamp.
    error HeaderInvalid(uint256 length);
    error HeightMismatch(uint256 expected, uint256 found);
    error AccountInvalid(address account);
    error SlotInvalid(bytes32 slot);

    /// @notice The header of the block that this chain has at a height.
    function canonical(
        uint256 height,
        bytes calldata source,
        uint256 offset
    ) internal view returns (Header memory read, uint256 end) {
        bytes32 hash = BlockHash.read(height);
        require(hash != 0, BlockUnknown(height));
        (read, end) = open(hash, source, offset);
        require(read.height == height, HeightMismatch(height, read.height));
    }

    /// @notice The header with this hash, and where it ends.
    function open(
        bytes32 hash,
        bytes calldata source,
        uint256 offset
    ) internal pure returns (Header memory read, uint256 end) {
        uint256 next;
        (next, end) = Rlp.list(source, offset, source.length);
        bytes32 found = keccak256(source[offset:end]);
        require(found == hash, HeaderMismatch(hash, found));
        // Whatever has the hash of a block is a header: what comes after the last field that is read is not looked at.
        next = skip(source, next, end, STATE_ROOT);
        if (next < end) (read.stateRoot, ) = Rlp.word(source, next, end);
        next = skip(source, next, end, HEIGHT - STATE_ROOT);
        if (next < end) read.height = numberAt(source, next, end);
        next = skip(source, next, end, TIMESTAMP - HEIGHT);
        require(end - offset <= MAX_HEADER && next < end, HeaderInvalid(end - offset));
        read.timestamp = numberAt(source, next, end);
    }

    /// @notice Where the field after so many others begins; at or behind the end where there is none.
    function skip(
        bytes calldata source,
        uint256 offset,
        uint256 limit,
        uint256 fields
    ) private pure returns (uint256 next) {
        next = offset;
        for (uint256 i; i < fields && next < limit; ++i) next = Rlp.skip(source, next);
    }

    function numberAt(bytes calldata source, uint256 offset, uint256 limit) private pure returns (uint256) {
        (uint256 from, uint256 to) = Rlp.text(source, offset, limit);
        return Rlp.number(source, from, to);
    }

    /// @notice Root of an account's storage, the empty one when there is no such account; and where its proof ends.
    function storageRoot(
        bytes32 stateRoot,
        address account,
        bytes calldata source,
        uint256 offset
    ) internal pure returns (bytes32 root, uint256 end) {
        bytes calldata leaf;
        (leaf, end) = Trie.get(stateRoot, keccak256(abi.encodePacked(account)), source, offset);
        if (leaf.length == 0) return (Trie.EMPTY_ROOT, end);
        // [nonce, balance, storage root, code hash]
        (uint256 next, uint256 last) = Rlp.list(leaf, 0, leaf.length);
        (, next) = Rlp.text(leaf, next, last);
        (, next) = Rlp.text(leaf, next, last);
        (root, next) = Rlp.word(leaf, next, last);
        (, next) = Rlp.word(leaf, next, last);
        require(next == leaf.length, AccountInvalid(account));
    }

    /// @notice What a slot holds, zero when the trie has nothing there; and where its proof ends.
    function valueOf(
        bytes32 root,
        bytes32 slot,
        bytes calldata source,
        uint256 offset
    ) internal pure returns (bytes32 value, uint256 end) {
        bytes calldata leaf;
        (leaf, end) = Trie.get(root, keccak256(abi.encode(slot)), source, offset);
        if (leaf.length == 0) return (0, end);
        (uint256 from, uint256 to) = Rlp.text(leaf, 0, leaf.length);
        require(to == leaf.length, SlotInvalid(slot));
        // A leaf of nothing is what some clients keep of a slot that was emptied.
        value = bytes32(Rlp.number(leaf, from, to));
    }
}
