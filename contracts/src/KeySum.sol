// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "./Quorum.sol";
import {Bls} from "./bls/Bls.sol";

/// @notice Sums keys that lie in contract code. A sum is the address of a point of G2 in memory, with scratch behind it.
library KeySum {
    /// @notice A sum of nothing.
    function start() internal pure returns (uint256 sum) {
        sum = Bls.allocate(2 * Bls.G2_SIZE + Quorum.KEY_SIZE);
        Bls.clear(sum, 2 * Bls.G2_SIZE);
    }

    /// @notice Adds the keys of the seats of a roster's table, all but the first `from`.
    function addSeats(uint256 sum, address committee, bytes memory seats, uint256 from) internal view {
        uint256 nonce;
        address page;
        for (uint256 i = from * Quorum.SEAT_SIZE; i < seats.length; i += Quorum.SEAT_SIZE) {
            uint256 seat;
            assembly ("memory-safe") {
                seat := shr(192, mload(add(add(seats, 0x20), i)))
            }
            if (seat >> 40 != nonce) {
                nonce = seat >> 40;
                page = Quorum.child(committee, nonce);
            }
            addKey(sum, page, Quorum.offsetOf(seat));
        }
    }

    /// @notice Adds the key whose 192 raw bytes start at `offset` of the contract's code.
    function addKey(uint256 sum, address code, uint256 offset) internal view {
        uint256 raw = sum + 2 * Bls.G2_SIZE;
        uint256 size = Quorum.KEY_SIZE;
        assembly ("memory-safe") {
            extcodecopy(code, raw, offset, size)
        }
        Quorum.unpackKey(raw, sum + Bls.G2_SIZE);
        Bls.g2Add(sum, sum);
    }
}
