// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./IRegistry.sol";

/// @notice Remembers the running hashes of coverages' incidents, so that what is shown of one is not stale once another
/// has followed.
interface IIncidentBook {
    event Booked(bytes32 indexed coverageId, bytes32 indexed incidents);

    /// @notice Books the running hash that the registry now keeps of a coverage. Anyone.
    function book(bytes32 coverageId) external returns (bytes32 incidents);

    function REGISTRY() external view returns (IRegistry);

    /// @notice Timestamp at which the hash was booked first; zero when it never was.
    function bookedAt(bytes32 coverageId, bytes32 incidents) external view returns (uint256);
}
