// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IIncidentBook} from "./interfaces/IIncidentBook.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice Remembers the running hashes of coverages' incidents.
contract IncidentBook is IIncidentBook {
    /// @inheritdoc IIncidentBook
    IRegistry public immutable REGISTRY;
    /// @inheritdoc IIncidentBook
    mapping(bytes32 coverageId => mapping(bytes32 incidents => uint256 timestamp)) public bookedAt;

    constructor(IRegistry registry) {
        REGISTRY = registry;
    }

    /// @inheritdoc IIncidentBook
    function book(bytes32 coverageId) external returns (bytes32 incidents) {
        incidents = REGISTRY.coverage(coverageId).incidents;
        if (bookedAt[coverageId][incidents] != 0) return incidents;
        bookedAt[coverageId][incidents] = block.timestamp;
        emit Booked(coverageId, incidents);
    }
}
