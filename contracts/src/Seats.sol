// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "./Quorum.sol";

/// @notice Whose a seat is: what a roster and its pages say of one.
library Seats {
    /// @dev No such seat in a roster of so many.
    error SeatUnknown(uint256 seat, uint256 seats);

    /// @notice Code of the roster that the committee made at `nonce`.
    function roster(address committee, uint32 nonce) internal view returns (bytes memory) {
        return Quorum.child(committee, nonce).code;
    }

    /// @notice Hash of the seat's key, and its weight.
    function read(
        address committee,
        bytes memory code,
        uint256 seat
    ) internal view returns (bytes32 keyHash, uint256 weight) {
        uint256 seats = (code.length - Quorum.ROSTER_HEADER) / Quorum.SEAT_SIZE;
        require(seat < seats, SeatUnknown(seat, seats));
        uint256 word;
        assembly ("memory-safe") {
            word := shr(192, mload(add(add(code, 0x20), add(203, shl(3, seat)))))
        }
        address page = Quorum.child(committee, word >> 40);
        uint256 offset = Quorum.offsetOf(word);
        assembly ("memory-safe") {
            // Past the allocated: read at once and never kept.
            let key := mload(0x40)
            extcodecopy(page, key, offset, 192)
            keyHash := keccak256(key, 192)
        }
        weight = uint32(word);
    }
}
