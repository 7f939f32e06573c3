// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bls} from "../../../contracts/src/bls/Bls.sol";
import {HashToG1} from "../../../contracts/src/bls/HashToG1.sol";

error MulFailed();

/// @notice Public key of a secret, as EIP-2537 takes it.
function keyOf(uint256 secret) view returns (uint256[8] memory key) {
    uint256 input = Bls.allocate(Bls.G2_SIZE + 0x20);
    Bls.putGeneratorG2(input, false);
    bool done;
    assembly ("memory-safe") {
        mstore(add(input, 0x100), secret)
        done := staticcall(gas(), 0x0e, input, 0x120, key, 0x100)
    }
    require(done, MulFailed());
}

/// @notice Proof of possession over a message.
function possessionOf(uint256 secret, bytes32 message) view returns (uint256[4] memory) {
    return signed(secret, message, HashToG1.POSSESSION);
}

/// @notice Signature of a digest; by the sum of their secrets the aggregate one of several.
function signatureOf(uint256 secret, bytes32 digest) view returns (uint256[4] memory) {
    return signed(secret, digest, HashToG1.SIGNATURE);
}

function signed(uint256 secret, bytes32 message, bytes32 tag) view returns (uint256[4] memory signature) {
    // The hash is written with what it is made from behind it.
    uint256 input = Bls.allocate(0x800);
    HashToG1.hashWord(message, tag, input);
    bool done;
    assembly ("memory-safe") {
        mstore(add(input, 0x80), secret)
        done := staticcall(gas(), 0x0c, input, 0xa0, signature, 0x80)
    }
    require(done, MulFailed());
}

/// @notice The 192 bytes that a page holds of a key.
function rawOf(uint256[8] memory key) pure returns (bytes memory raw) {
    for (uint256 i; i < 8; i += 2) raw = abi.encodePacked(raw, uint128(key[i]), key[i + 1]);
}
