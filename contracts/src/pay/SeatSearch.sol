// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../Quorum.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IWatchers} from "../interfaces/IWatchers.sol";

/// @notice Which seat of a roster is a watcher's, by whatever key it held then.
/// @dev A roster seats one watcher once: only its key of that time had weight.
library SeatSearch {
    /// @dev Keys of one watcher that are looked for, the newest first. Whoever rotates more often than that without
    /// claiming loses what the older ones have earned.
    uint256 private constant MAX_KEYS = 32;

    /// @notice Puts the watcher's seat in the cursor's roster into the cursor, with weight zero where it has none.
    /// @param keyHash The watcher's latest key.
    function locate(
        ILedger.Cursor memory cursor,
        ICommittee committee,
        IWatchers watchers,
        bytes32 keyHash
    ) internal view {
        bytes memory code = Quorum.child(address(committee), cursor.nonce).code;
        uint256 seats = (code.length - Quorum.ROSTER_HEADER) / Quorum.SEAT_SIZE;
        cursor.weight = 0;
        // Mostly it is where it was.
        if (cursor.key != 0) {
            if (cursor.seat < seats && sit(cursor, cursor.key, cursor.seat, wordAt(code, cursor.seat))) return;
            if (find(cursor, cursor.key, code, seats)) return;
        }
        uint32 known = cursor.key;
        for (uint256 keys; keys < MAX_KEYS && keyHash != 0; ++keys) {
            (uint24 page, uint8 place, ) = committee.seatOf(keyHash);
            uint32 key = (uint32(page) << 8) | place;
            if (key != 0 && key != known && find(cursor, key, code, seats)) return;
            keyHash = watchers.formerKey(keyHash);
        }
    }

    function find(
        ILedger.Cursor memory cursor,
        uint32 key,
        bytes memory code,
        uint256 seats
    ) private pure returns (bool) {
        uint256 index;
        // A roster has 512 seats at most.
        unchecked {
            while (index < seats && wordAt(code, index) >> 32 != key) ++index;
        }
        return index < seats && sit(cursor, key, index, wordAt(code, index));
    }

    function sit(ILedger.Cursor memory cursor, uint32 key, uint256 index, uint256 word) private pure returns (bool) {
        if (word >> 32 != key) return false;
        (cursor.seat, cursor.weight, cursor.key) = (uint16(index), uint32(word), key);
        return true;
    }

    /// @dev uint24 page ‖ uint8 place ‖ uint32 weight.
    function wordAt(bytes memory code, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := shr(192, mload(add(add(code, 0x20), add(203, shl(3, index)))))
        }
    }
}
