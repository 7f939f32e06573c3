// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../src/Quorum.sol";
import {Certificate} from "../src/Types.sol";
import {QuorumPlain} from "./QuorumPlain.sol";

/// @notice A committee whose pages and rosters hold any bytes, and the library, with no check of the precompiles.
contract QuorumHarness {
    /// @notice Makes a contract of this code; the first has nonce 1.
    function write(bytes calldata code) external returns (address created) {
        bytes memory creation = abi.encodePacked(hex"61", uint16(code.length), hex"80600a3d393df3", code);
        assembly ("memory-safe") {
            created := create(0, add(creation, 0x20), mload(creation))
        }
    }

    function verify(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) external view returns (uint256 signed, uint256 total) {
        return Quorum.verify(committee, rosterNonce, digest, certificate);
    }

    function verifyPlainly(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) external view returns (uint256 signed, uint256 total) {
        return QuorumPlain.verify(committee, rosterNonce, digest, certificate);
    }

    function signers(Certificate calldata certificate, uint256 seats) external pure returns (uint256[2] memory) {
        return Quorum.signers(certificate, seats);
    }

    function weightOf(
        address committee,
        uint32 rosterNonce,
        uint256[2] calldata words
    ) external view returns (uint256) {
        return Quorum.weightOf(committee, rosterNonce, words);
    }

    function child(address creator, uint256 nonce) external pure returns (address) {
        return Quorum.child(creator, nonce);
    }
}
