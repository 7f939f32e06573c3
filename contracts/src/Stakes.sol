// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a slash takes from a stake, and where that goes.
/// @dev Scalars of 256 bits and no loops: `npm run prove` decides these for all inputs. Amounts are in the token's
/// smallest unit.
library Stakes {
    /// @dev Parts of a stake that a proven offence costs when it tripped nothing: one in twenty, 500 basis points.
    uint256 private constant PROVEN_PART = 20;
    /// @dev Parts of what was taken that reward the challenger: one in ten.
    uint256 private constant REWARD_PART = 10;

    /// @notice What an offence costs in all: everything when it landed, which is to say that it tripped.
    /// @dev Rounds up.
    function price(uint256 stake, bool landed) internal pure returns (uint256) {
        return landed ? stake : (stake + PROVEN_PART - 1) / PROVEN_PART;
    }

    /// @notice What is taken of the `left` of a stake.
    /// @param charged Whether the same seat has been charged in this epoch for an offence that did not land.
    function slash(uint256 stake, uint256 left, bool charged, bool landed) internal pure returns (uint256) {
        uint256 due = price(stake, landed) - (charged ? price(stake, false) : 0);
        return due < left ? due : left;
    }

    /// @notice The challenger's part of what was taken, rounded down; the rest burns.
    function split(uint256 taken) internal pure returns (uint256 reward, uint256 burnt) {
        reward = taken / REWARD_PART;
        burnt = taken - reward;
    }
}
