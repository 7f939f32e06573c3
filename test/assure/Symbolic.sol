// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ladder} from "../../contracts/src/Ladder.sol";
import {Quorum} from "../../contracts/src/Quorum.sol";
import {Certificate, Verdict} from "../../contracts/src/Types.sol";
import {VerdictHash} from "../../contracts/src/VerdictHash.sol";
import {Bls} from "../../contracts/src/bls/Bls.sol";

// What the solver of `npm run prove` cannot read, since it is assembly or bits, as its bytecode runs. Each property `P` is
// held for every input, and `PSeeded` is the same of a mistake, which must be found.

/// @notice The digest made in memory is that of the standard's encoding.
contract DigestIsOfTheEncoding {
    function check_digest(bytes32 domain, Verdict memory verdict) external pure {
        bytes32 plain = keccak256(abi.encode(VerdictHash.VERDICT_TYPE, verdict));
        assert(VerdictHash.digest(domain, verdict) == keccak256(abi.encodePacked(hex"1901", domain, plain)));
    }
}

/// @dev Leaves out the last field.
contract DigestIsOfTheEncodingSeeded {
    function check_digest(Verdict memory verdict) external pure {
        bytes32 kind = VerdictHash.VERDICT_TYPE;
        bytes32 hash;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, kind)
            mcopy(add(free, 0x20), verdict, 0x120)
            mstore(add(free, 0x140), 0)
            hash := keccak256(free, 0x160)
        }
        assert(hash == keccak256(abi.encode(kind, verdict)));
    }
}

/// @notice Any two quorums of rung 2 or 3 share weight, and the one of a higher rung is one of each lower.
contract QuorumsMeet {
    function check_meet(uint64 a, uint64 b, uint64 total) external pure {
        if (Quorum.hasQuorum(2, a, total) && Quorum.hasQuorum(2, b, total)) assert(uint256(a) + b > total);
        if (Quorum.hasQuorum(3, a, total)) assert(Quorum.hasQuorum(2, a, total));
        if (Quorum.hasQuorum(2, a, total)) assert(Quorum.hasQuorum(1, a, total));
    }
}

/// @dev Half is taken for more than half.
contract QuorumsMeetSeeded {
    function check_meet(uint64 a, uint64 b, uint64 total) external pure {
        bool both = uint256(a) * 2 >= total && uint256(b) * 2 >= total;
        if (both) assert(uint256(a) + b > total);
    }
}

/// @notice Who signed is who is listed, or every other seat; never anybody past the last.
contract SignersAreSeats {
    function check_signers(Certificate calldata certificate, uint16 seats, uint16 seat) external pure {
        uint256[] calldata bitmap = certificate.seats;
        if (seats == 0 || seats > Quorum.MAX_SEATS || seat >= Quorum.MAX_SEATS) return;
        if (bitmap.length != 0 && bitmap.length != (uint256(seats) + 255) / 256) return;
        uint256 first = bitmap.length == 0 ? 0 : bitmap[0];
        uint256 second = bitmap.length < 2 ? 0 : bitmap[1];
        bool listed = ((seat < 256 ? first : second) >> (seat % 256)) & 1 == 1;
        if (listed && seat >= seats) return;
        uint256[2] memory words = Quorum.signers(certificate, seats);
        bool signed = ((seat < 256 ? words[0] : words[1]) >> (seat % 256)) & 1 == 1;
        assert(signed == (seat < seats && listed == certificate.listsSigners));
    }
}

/// @dev Forgets the seats of the second word.
contract SignersAreSeatsSeeded {
    function check_signers(uint256[2] calldata bitmap, uint16 seats, uint16 seat) external pure {
        if (seats == 0 || seats > Quorum.MAX_SEATS || seat >= seats) return;
        bool listed = ((seat < 256 ? bitmap[0] : bitmap[1]) >> (seat % 256)) & 1 == 1;
        uint256 first = bitmap[0] ^ (seats < 256 ? (1 << seats) - 1 : type(uint256).max);
        bool signed = ((seat < 256 ? first : bitmap[1]) >> (seat % 256)) & 1 == 1;
        assert(signed != listed);
    }
}

/// @notice A coordinate and its negation sum to the modulus; that of zero is zero.
contract NegationIsCanonical {
    function check_negation(uint128 high, uint256 low) external pure {
        if (high > Bls.P_HIGH || (high == Bls.P_HIGH && low >= Bls.P_LOW)) return;
        uint256 point = Bls.allocate(Bls.G2_SIZE);
        Bls.clear(point, Bls.G2_SIZE);
        uint256 newHigh;
        uint256 newLow;
        assembly ("memory-safe") {
            mstore(add(point, 0x80), high)
            mstore(add(point, 0xa0), low)
        }
        Bls.negateG2(point);
        assembly ("memory-safe") {
            newHigh := mload(add(point, 0x80))
            newLow := mload(add(point, 0xa0))
        }
        if (high == 0 && low == 0) {
            assert(newHigh == 0 && newLow == 0);
            return;
        }
        unchecked {
            uint256 sum = low + newLow;
            assert(sum == Bls.P_LOW && high + newHigh + (sum < low ? 1 : 0) == Bls.P_HIGH);
        }
    }
}

/// @dev Borrows when it need not.
contract NegationIsCanonicalSeeded {
    function check_negation(uint128 high, uint256 low) external pure {
        if (high > Bls.P_HIGH || (high == Bls.P_HIGH && low >= Bls.P_LOW)) return;
        unchecked {
            uint256 newHigh = Bls.P_HIGH - high - (low < Bls.P_LOW ? 1 : 0);
            uint256 sum = low + (Bls.P_LOW - low);
            assert(high + newHigh + (sum < low ? 1 : 0) == Bls.P_HIGH);
        }
    }
}

/// @notice A key comes back from its point as it was.
contract KeysUnpack {
    function check_key(uint256[6] memory key) external pure {
        uint256 point = Bls.allocate(Bls.G2_SIZE);
        Bls.clear(point, Bls.G2_SIZE);
        uint256 raw;
        assembly ("memory-safe") {
            raw := key
        }
        Quorum.unpackKey(raw, point);
        uint256[6] memory same;
        bytes memory packed = Quorum.packKey(point);
        assembly ("memory-safe") {
            mcopy(same, add(packed, 0x20), 0xc0)
        }
        for (uint256 i; i < 6; ++i) assert(same[i] == key[i]);
    }
}

/// @dev Two coordinates stand in each other's place.
contract KeysUnpackSeeded {
    function check_key(uint256[6] memory key) external pure {
        uint256[6] memory same;
        assembly ("memory-safe") {
            mcopy(same, add(key, 48), 48)
            mcopy(add(same, 48), key, 48)
            mcopy(add(same, 96), add(key, 96), 96)
        }
        for (uint256 i; i < 6; ++i) assert(same[i] == key[i]);
    }
}

/// @notice No trip ends later than its stop's first and the longest life, and none later than there is room for.
contract StopsEnd {
    function check_grant(
        uint40 first,
        uint40 end,
        uint40 time,
        uint32 life,
        uint32 longest,
        uint32 room
    ) external pure {
        if (first > time) return;
        (uint256 stop, uint256 until) = Ladder.grant(first, end, time, life, longest, room);
        uint256 start = end > time ? end : time;
        assert(until <= stop + longest);
        assert(until <= start + room);
        assert(stop == first || stop == time);
    }
}

/// @dev An extension starts a life of its own.
contract StopsEndSeeded {
    function check_grant(uint40 first, uint40 time, uint32 life, uint32 longest) external pure {
        if (first > time) return;
        uint256 until = uint256(time) + life;
        if (until > uint256(time) + longest) until = uint256(time) + longest;
        assert(until <= uint256(first) + longest);
    }
}
