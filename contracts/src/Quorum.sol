// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBit} from "solady/src/utils/LibBit.sol";
import {Bls} from "./bls/Bls.sol";
import {HashToG1} from "./bls/HashToG1.sol";
import {Certificate} from "./Types.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";

/// @notice Checks a certificate against a roster kept in contract code.
/// @dev One pairing equation of two pairs, e(signature, ±g2) * e(H(digest), keys) = 1. Listed absent, their keys are
/// added to the negated total, which leaves the signers' negated sum; listed signers are summed from nothing.
library Quorum {
    uint256 internal constant MAX_SEATS = 512;
    uint256 internal constant KEY_SIZE = 192;

    // Code of a roster: 0x00 ‖ negated aggregate key ‖ uint64 total weight ‖ uint16 seats ‖ 8 bytes a seat:
    // uint24 page nonce ‖ uint8 place of the key in its page ‖ uint32 weight. Code of a page: 0x00 ‖ 192 bytes a key.
    uint256 internal constant ROSTER_HEADER = 203;
    uint256 internal constant SEAT_SIZE = 8;

    /// @dev Position of a lone bit, by the bit modulo 269, whose powers of two are distinct up to 2^267: 75 gas a
    /// seat less than FFS, and CLZ a chain with EIP-2537 may not have.
    bytes private constant POSITIONS =
        hex"0000016d02d06e1303dad1e66f8e14310469dbdfd280e7b070948f3b15bb320005476ae3dc38e0fbd3c881fee89eb120712695d690c43caa1640bccb330c00ed065248846b11e42fddae3900e1f9fc1ed4a8c9eb822dff1ce91a9fa1b26421a3727a27b49600d7669144c5233d4faba517774174bd5ccc7c34c00d290058eeb6075f539849f285006ccf12d9e58d3068de7faf933aba0046e237fac7fd9d1f25d5c3a93fca0bec5183102ead00f81da7ea2c1b19a063a279b3006543224ea476735b7bbf2857b55e97f100ced88c677e92b94536c69c24c23e0a500facf7a62b18627800424d755abe565df0cd8b7db8359bc1090ef62a61004c5955ef8ab79a08f5604b548999f44a88f38786";

    // Memory: the pairing's input, then the key being added, so that its last point and that key are G2ADD's input,
    // then the key as its page holds it.
    uint256 private constant HASH = Bls.PAIR_SIZE;
    uint256 private constant KEYS = HASH + Bls.G1_SIZE;
    uint256 private constant ADDEND = KEYS + Bls.G2_SIZE;
    uint256 private constant FRAME = ADDEND + Bls.G2_SIZE + KEY_SIZE;

    /// @notice Weight of the seats whose aggregate signature of `digest` this is, and of all seats.
    function verify(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) internal view returns (uint256 signed, uint256 total) {
        uint256 frame = Bls.allocate(FRAME);
        uint256[4] calldata signature = certificate.signature;
        uint256[] calldata bitmap = certificate.seats;
        bool listsSigners = certificate.listsSigners;
        assembly ("memory-safe") {
            calldatacopy(frame, signature, 0x80)
        }
        require(!Bls.isInfinityG1(frame), IQuorumVerifier.SignatureIsInfinity());
        Bls.putGeneratorG2(frame + Bls.G1_SIZE, listsSigners);
        // Writes past the hash: before the keys.
        HashToG1.hashWord(digest, HashToG1.SIGNATURE, frame + HASH);

        uint256 table;
        (total, table) = readRoster(child(committee, rosterNonce), frame + KEYS, bitmap, listsSigners);
        uint256 listed = addKeys(committee, table, frame + KEYS, bitmap);
        // A roster's total is the sum of its seats' weights.
        signed = listsSigners ? listed : total - listed;
        require(!Bls.isInfinityG2(frame + KEYS), IQuorumVerifier.KeysAreInfinity());
        require(Bls.pairsToOne(frame), IQuorumVerifier.SignatureInvalid(digest));
    }

    /// @notice Weight of the seats whose bits are set in `words`.
    function weightOf(
        address committee,
        uint32 rosterNonce,
        uint256[MAX_SEATS / 256] memory words
    ) internal view returns (uint256 weight) {
        address roster = child(committee, rosterNonce);
        bytes memory code = roster.code;
        require(code.length > ROSTER_HEADER, IQuorumVerifier.RosterMissing(roster));
        uint256 seats = (code.length - ROSTER_HEADER) / SEAT_SIZE;
        for (uint256 index; index < seats; ++index) {
            if ((words[index / 256] >> (index % 256)) & 1 == 0) continue;
            uint256 seat;
            assembly ("memory-safe") {
                seat := shr(192, mload(add(add(code, 0x20), add(ROSTER_HEADER, mul(SEAT_SIZE, index)))))
            }
            weight += uint32(seat);
        }
    }

    /// @notice Whether the signed weight is more than a third, a half or two thirds of the total; never for another rung.
    /// @dev Weights are 64 bits at most.
    function hasQuorum(uint8 rung, uint256 signed, uint256 total) internal pure returns (bool) {
        unchecked {
            if (rung == 1) return signed * 3 > total;
            if (rung == 2) return signed * 2 > total;
            return rung == 3 && signed * 3 > total * 2;
        }
    }

    /// @notice Bitmap of the seats that signed, whichever way the certificate lists them.
    /// @dev Of a verified certificate: nothing is checked again.
    function signers(
        Certificate calldata certificate,
        uint256 seats
    ) internal pure returns (uint256[MAX_SEATS / 256] memory words) {
        uint256[] calldata bitmap = certificate.seats;
        if (bitmap.length != 0) words[0] = bitmap[0];
        if (bitmap.length > 1) words[1] = bitmap[1];
        if (certificate.listsSigners) return words;
        words[0] ^= seatsOf(0, seats);
        if (seats > 256) words[1] ^= seatsOf(1, seats);
    }

    /// @notice Address of the contract that `creator` made with CREATE at `nonce`.
    function child(address creator, uint256 nonce) internal pure returns (address) {
        bytes memory rlp;
        if (nonce < 0x80) rlp = abi.encodePacked(hex"d694", creator, uint8(nonce));
        else if (nonce < 0x100) rlp = abi.encodePacked(hex"d794", creator, hex"81", uint8(nonce));
        else if (nonce < 0x10000) rlp = abi.encodePacked(hex"d894", creator, hex"82", uint16(nonce));
        else if (nonce < 0x1000000) rlp = abi.encodePacked(hex"d994", creator, hex"83", uint24(nonce));
        else rlp = abi.encodePacked(hex"da94", creator, hex"84", uint32(nonce));
        return address(uint160(uint256(keccak256(rlp))));
    }

    /// @notice Where the key of a seat, as a roster packs it, starts in its page's code.
    function offsetOf(uint256 seat) internal pure returns (uint256) {
        // At most 1 + 255 * 192.
        unchecked {
            return 1 + uint8(seat >> 32) * KEY_SIZE;
        }
    }

    /// @notice Turns a key of 192 raw bytes into a G2 point, whose padding must already be zero.
    function unpackKey(uint256 raw, uint256 point) internal pure {
        assembly ("memory-safe") {
            mcopy(add(point, 0x10), raw, 48)
            mcopy(add(point, 0x50), add(raw, 48), 48)
            mcopy(add(point, 0x90), add(raw, 96), 48)
            mcopy(add(point, 0xd0), add(raw, 144), 48)
        }
    }

    /// @notice The 192 raw bytes of a G2 point.
    function packKey(uint256 point) internal pure returns (bytes memory raw) {
        raw = new bytes(KEY_SIZE);
        assembly ("memory-safe") {
            mcopy(add(raw, 0x20), add(point, 0x10), 48)
            mcopy(add(raw, 0x50), add(point, 0x50), 48)
            mcopy(add(raw, 0x80), add(point, 0x90), 48)
            mcopy(add(raw, 0xb0), add(point, 0xd0), 48)
        }
    }

    /* PARTS */

    /// @dev EXTCODECOPY reads zeros where there is no code: the size says whether the roster is there.
    function readRoster(
        address roster,
        uint256 keys,
        uint256[] calldata bitmap,
        bool listsSigners
    ) internal view returns (uint256 total, uint256 table) {
        uint256 header = Bls.allocate(ROSTER_HEADER + 0x20);
        uint256 seats;
        assembly ("memory-safe") {
            extcodecopy(roster, header, 1, add(KEY_SIZE, 10))
            total := shr(192, mload(add(header, KEY_SIZE)))
            seats := shr(240, mload(add(header, add(KEY_SIZE, 8))))
        }
        uint256 tableSize = seats * SEAT_SIZE;
        require(roster.code.length == ROSTER_HEADER + tableSize, IQuorumVerifier.RosterMissing(roster));
        require(seats != 0, IQuorumVerifier.RosterEmpty(roster));
        requireBitmap(bitmap, seats);
        requireCanonical(bitmap, listsSigners, seats);
        Bls.clear(keys, 2 * Bls.G2_SIZE);
        if (!listsSigners) unpackKey(header, keys);
        if (bitmap.length == 0) return (total, table);
        table = Bls.allocate(tableSize + 0x20);
        assembly ("memory-safe") {
            extcodecopy(roster, table, ROSTER_HEADER, tableSize)
        }
    }

    /// @dev Adds the listed seats' keys to the point at `keys`; what follows it in the frame is scratch.
    function addKeys(
        address committee,
        uint256 table,
        uint256 keys,
        uint256[] calldata bitmap
    ) internal view returns (uint256 listed) {
        if (bitmap.length == 0) return 0;
        bytes memory positions = POSITIONS;
        uint256 nonce;
        address page;
        uint256 pageSize;
        for (uint256 word; word < bitmap.length; ++word) {
            uint256 bits = bitmap[word];
            // At most 65,535 seats of 32 bits of weight each; an offset is below 2^16.
            unchecked {
                while (bits != 0) {
                    uint256 seat;
                    assembly ("memory-safe") {
                        let lowest := and(bits, sub(0, bits))
                        let position := byte(0, mload(add(add(positions, 0x20), mod(lowest, 269))))
                        bits := xor(bits, lowest)
                        seat := shr(192, mload(add(table, shl(3, add(shl(8, word), position)))))
                    }
                    listed += uint32(seat);
                    if (seat >> 40 != nonce) {
                        nonce = seat >> 40;
                        page = child(committee, nonce);
                        pageSize = page.code.length;
                    }
                    uint256 offset = offsetOf(seat);
                    require(offset + KEY_SIZE <= pageSize, IQuorumVerifier.PageMissing(page));
                    uint256 raw = keys + 2 * Bls.G2_SIZE;
                    assembly ("memory-safe") {
                        extcodecopy(page, raw, offset, KEY_SIZE)
                    }
                    unpackKey(raw, keys + Bls.G2_SIZE);
                    Bls.g2Add(keys, keys);
                }
            }
        }
    }

    function requireBitmap(uint256[] calldata bitmap, uint256 seats) internal pure {
        if (bitmap.length == 0) return;
        uint256 expected = (seats + 255) / 256;
        require(bitmap.length == expected, IQuorumVerifier.BitmapLength(bitmap.length, expected));
        uint256 beyond = bitmap[expected - 1] & ~seatsOf(expected - 1, seats);
        require(beyond == 0, IQuorumVerifier.SeatsUnknown(beyond));
    }

    /// @dev One form of every certificate: without it anybody could restate one on its way as another.
    function requireCanonical(uint256[] calldata bitmap, bool listsSigners, uint256 seats) internal pure {
        uint256 listed;
        for (uint256 word; word < bitmap.length; ++word) listed += LibBit.popCount(bitmap[word]);
        bool fewer = listsSigners ? listed < seats - listed : listed <= seats - listed;
        // To list nobody says that nobody is absent, and takes no words.
        bool stated = listed != 0 || (bitmap.length == 0 && !listsSigners);
        require(fewer && stated, IQuorumVerifier.CertificateNotCanonical(listsSigners, listed, seats));
    }

    /// @dev The bits of one word that are seats.
    function seatsOf(uint256 word, uint256 seats) private pure returns (uint256) {
        // A word in which the roster has a seat.
        unchecked {
            uint256 left = seats - 256 * word;
            return left >= 256 ? type(uint256).max : (1 << left) - 1;
        }
    }
}
