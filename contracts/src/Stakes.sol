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
    /// @dev Parts that a landed lie's slash holds for those that it stopped: two in five.
    uint256 private constant POOL_NUMERATOR = 2;
    uint256 private constant POOL_DENOMINATOR = 5;
    /// @dev Premiums that six hours are worth. More than is ever paid is not counted: sums stay below 2^128.
    uint256 private constant PREMIUMS = 10;
    uint256 private constant MOST_PREMIUM = 2 ** 96;

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

    /// @notice What becomes of what was taken: the challenger's part, what is pooled for the coverages that a landed lie
    /// tripped, and the rest, at least half, which burns. The first two are rounded down.
    function split(uint256 taken, bool landed) internal pure returns (uint256 reward, uint256 pooled, uint256 burnt) {
        reward = taken / REWARD_PART;
        pooled = landed ? (taken * POOL_NUMERATOR) / POOL_DENOMINATOR : 0;
        burnt = taken - reward - pooled;
    }

    /// @notice What a coverage is due that was stopped for some of `longest` seconds: for all of them, ten times what it has
    /// lately paid.
    function compensation(uint256 premium, uint256 stopped, uint256 longest) internal pure returns (uint256) {
        uint256 counted = premium < MOST_PREMIUM ? premium : MOST_PREMIUM;
        return (PREMIUMS * counted * stopped) / longest;
    }
}
