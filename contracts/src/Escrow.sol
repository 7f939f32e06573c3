// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice The money of coverages: kept in whole gwei, so that all a trip needs of its coverage is one word.
library Escrow {
    uint256 internal constant UNIT = 1 gwei;
    uint256 internal constant MAX_TIP = 2 gwei;
    uint256 internal constant MAX_GAS = 3_000_000;

    function toUnits(uint256 amount) internal pure returns (uint256) {
        require(amount % UNIT == 0, IRegistry.EscrowNotWhole(amount, UNIT));
        return amount / UNIT;
    }

    /// @dev Units are 48 bits.
    function toWei(uint256 units) internal pure returns (uint256) {
        unchecked {
            return units * UNIT;
        }
    }

    function add(uint48 escrow, uint256 amount) internal pure returns (uint48) {
        uint256 sum = escrow + toUnits(amount);
        require(sum <= type(uint48).max, IRegistry.EscrowFull(escrow * UNIT, amount));
        return uint48(sum);
    }

    function subtract(uint48 escrow, uint256 amount) internal pure returns (uint48) {
        uint256 units = toUnits(amount);
        require(units <= escrow, IRegistry.EscrowShort(amount, escrow * UNIT));
        // Not more than the escrow.
        unchecked {
            return escrow - uint48(units);
        }
    }

    /// @notice Units owed for gas: at what was paid for it, up to the base fee and `tip`, rounded down, never more than there is.
    function refund(uint48 escrow, uint256 used, uint256 tip) internal view returns (uint48 units) {
        // Gas is at most 3 million, and prices are of 128 bits.
        unchecked {
            uint256 most = block.basefee + tip;
            uint256 price = tx.gasprice < most ? tx.gasprice : most;
            uint256 owed = ((used < MAX_GAS ? used : MAX_GAS) * price) / UNIT;
            return owed < escrow ? uint48(owed) : escrow;
        }
    }

    /// @dev `to.call{value: amount}("")` that copies nothing of the answer.
    function pay(address to, uint256 amount) internal {
        if (amount == 0) return;
        bool paid;
        assembly ("memory-safe") {
            paid := call(gas(), to, amount, 0, 0, 0, 0)
        }
        require(paid, IRegistry.PaymentFailed(to, amount));
    }
}
