// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./IRegistry.sol";

/// @notice What a coverage pays its watchers, in the smallest unit of the stake's token.
struct Terms {
    /// A roll call's, when all seats sign it.
    uint96 premium;
    /// Of whoever books a roll call, when all seats have signed it.
    uint96 fee;
    /// First height that they are about.
    uint64 from;
    /// An incident's, when all seats have signed it.
    uint96 bounty;
    /// Decides disputes about incidents of class B and C; zero when nobody does.
    address arbiter;
}

/// @notice The terms of coverages, each named so many blocks before the first height that it is about.
interface ITermsBook {
    error NoticeOutOfRange(uint256 notice, uint256 min, uint256 max);
    /// @dev The latest came into force at `from`: what those before it promised has as many blocks to be booked.
    error TermsTooYoung(bytes32 coverageId, uint64 from);

    event Named(
        bytes32 indexed coverageId,
        uint96 premium,
        uint96 fee,
        uint64 from,
        uint96 bounty,
        address indexed arbiter
    );

    /// @notice Names the terms of heights to come, in place of any that are not in force yet. Only the coverage's owner.
    function name(bytes32 coverageId, uint96 premium, uint96 fee, uint96 bounty, address arbiter) external;

    function REGISTRY() external view returns (IRegistry);

    /// @notice Blocks from naming terms until they are in force.
    function NOTICE() external view returns (uint64);

    /// @notice The terms that a height is paid by; nothing when none were named for it, or two have followed them.
    function termsAt(bytes32 coverageId, uint64 height) external view returns (Terms memory);
}
