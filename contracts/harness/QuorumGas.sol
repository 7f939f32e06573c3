// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../src/Quorum.sol";
import {Certificate} from "../src/Types.sol";
import {Bls} from "../src/bls/Bls.sol";
import {HashToG1} from "../src/bls/HashToG1.sol";

/// @notice The parts of `Quorum.verify` in its order, metered one by one.
contract QuorumGas {
    /// @notice Gas of each part, and whether the certificate holds.
    struct Parts {
        uint256 signatureInfinity;
        uint256 hashToCurve;
        uint256 rosterRead;
        uint256 bitmap;
        uint256 canonical;
        uint256 keySum;
        uint256 keysInfinity;
        uint256 pairing;
        uint256 precompileCheck;
        bool valid;
    }

    function meter(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) external view returns (Parts memory parts) {
        uint256 frame = Bls.allocate(Bls.PAIR_SIZE + Bls.G1_SIZE + 2 * Bls.G2_SIZE + Quorum.KEY_SIZE);
        uint256 keys = frame + Bls.PAIR_SIZE + Bls.G1_SIZE;
        uint256[4] calldata signature = certificate.signature;
        uint256[] calldata bitmap = certificate.seats;
        bool listsSigners = certificate.listsSigners;
        assembly ("memory-safe") {
            calldatacopy(frame, signature, 0x80)
        }
        uint256 left = gasleft();
        bool infinite = Bls.isInfinityG1(frame);
        parts.signatureInfinity = left - gasleft();

        Bls.putGeneratorG2(frame + Bls.G1_SIZE, listsSigners);
        left = gasleft();
        HashToG1.hashWord(digest, HashToG1.SIGNATURE, frame + Bls.PAIR_SIZE);
        parts.hashToCurve = left - gasleft();

        address roster = Quorum.child(committee, rosterNonce);
        left = gasleft();
        (, uint256 table) = Quorum.readRoster(roster, keys, bitmap, listsSigners);
        parts.rosterRead = left - gasleft();
        uint256 seats = (roster.code.length - Quorum.ROSTER_HEADER) / Quorum.SEAT_SIZE;
        left = gasleft();
        Quorum.requireBitmap(bitmap, seats);
        parts.bitmap = left - gasleft();
        left = gasleft();
        Quorum.requireCanonical(bitmap, listsSigners, seats);
        parts.canonical = left - gasleft();
        parts.rosterRead -= parts.bitmap + parts.canonical;

        left = gasleft();
        Quorum.addKeys(committee, table, keys, bitmap);
        parts.keySum = left - gasleft();
        left = gasleft();
        infinite = infinite || Bls.isInfinityG2(keys);
        parts.keysInfinity = left - gasleft();
        left = gasleft();
        parts.valid = Bls.pairsToOne(frame) && !infinite;
        parts.pairing = left - gasleft();
        // Infinity twice, which any addition takes.
        uint256 points = Bls.allocate(2 * Bls.G1_SIZE);
        Bls.clear(points, 2 * Bls.G1_SIZE);
        parts.precompileCheck = checked(points) - bare(points);
    }

    function checked(uint256 input) private view returns (uint256 gas) {
        gas = gasleft();
        Bls.g1Add(input, input);
        gas -= gasleft();
    }

    /// @dev The same call, believed.
    function bare(uint256 input) private view returns (uint256 gas) {
        gas = gasleft();
        assembly ("memory-safe") {
            pop(staticcall(750, 0x0b, input, 0x100, input, 0x80))
        }
        gas -= gasleft();
    }
}
