// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Branch} from "../../../contracts/src/proofs/Branch.sol";
import {next} from "./Vm.sol";

/// @notice The hash of a packed branch beside that of its RLP, put together plainly.
contract BranchTest {
    error HashesDiffer(uint16 mask, uint256 nibble, bytes32 ours, bytes32 plain);

    function testFuzz_is_the_hash_of_its_rlp(uint16 mask, uint256 nibble, uint256 seed, bool isFull) external view {
        if (isFull) mask = type(uint16).max;
        nibble = nibble % 16;
        bytes32 child = bytes32(next(seed));
        bytes memory packed = abi.encodePacked(hex"00", mask);
        bytes memory children;
        for (uint256 i; i < 16; ++i) {
            seed = next(seed);
            bytes32 hash = i == nibble ? child : bytes32(seed);
            if ((mask >> i) & 1 == 0) children = bytes.concat(children, hex"80");
            else children = bytes.concat(children, hex"a0", hash);
            if ((mask >> i) & 1 == 1 && i != nibble) packed = bytes.concat(packed, hash);
        }
        bytes32 plain = keccak256(listOf(bytes.concat(children, hex"80")));
        // Whatever lies around it.
        bytes32 ours = this.hashOf(bytes.concat(bytes2(child), packed, child), 2, nibble, child);
        require(ours == plain, HashesDiffer(mask, nibble, ours, plain));
    }

    function hashOf(
        bytes calldata source,
        uint256 start,
        uint256 nibble,
        bytes32 child
    ) external pure returns (bytes32) {
        return Branch.hashOf(source, start, nibble, child);
    }

    function listOf(bytes memory payload) internal pure returns (bytes memory) {
        uint256 length = payload.length;
        if (length < 56) return bytes.concat(bytes1(uint8(0xc0 + length)), payload);
        if (length < 256) return bytes.concat(hex"f8", bytes1(uint8(length)), payload);
        return bytes.concat(hex"f9", bytes2(uint16(length)), payload);
    }
}
