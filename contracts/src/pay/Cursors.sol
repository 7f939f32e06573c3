// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedger} from "../interfaces/ILedger.sol";

/// @notice A cursor as the word that is kept of it: 1,000 gas a claim less than the struct in memory.
library Cursors {
    function pack(ILedger.Cursor memory self) internal pure returns (uint256) {
        return
            self.entry |
            (uint256(self.run) << 24) |
            (uint256(self.nonce) << 48) |
            (uint256(self.rate) << 80) |
            (uint256(self.seat) << 176) |
            (uint256(self.weight) << 192) |
            (uint256(self.key) << 224);
    }

    function unpack(uint256 word) internal pure returns (ILedger.Cursor memory self) {
        self.entry = uint24(word);
        self.run = uint24(word >> 24);
        self.nonce = uint32(word >> 48);
        self.rate = uint96(word >> 80);
        self.seat = uint16(word >> 176);
        self.weight = uint32(word >> 192);
        self.key = uint32(word >> 224);
    }

    function entryOf(uint256 word) internal pure returns (uint256) {
        return uint24(word);
    }

    function runOf(uint256 word) internal pure returns (uint256) {
        return uint24(word >> 24);
    }

    function seatOf(uint256 word) internal pure returns (uint256) {
        return uint16(word >> 176);
    }

    /// @notice What each entry of the run that it is in owes the watcher.
    function dueOf(uint256 word) internal pure returns (uint256) {
        // Of 96 and of 32 bits.
        unchecked {
            return uint256(uint96(word >> 80)) * uint32(word >> 192);
        }
    }

    /// @param entry Of 24 bits.
    function moved(uint256 word, uint256 entry) internal pure returns (uint256) {
        return (word & ~uint256(type(uint24).max)) | entry;
    }
}
