// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPremiums} from "../src/interfaces/IPremiums.sol";

/// @notice Says of each coverage that it has paid what it was told, until then or from then on.
contract NamedPremiums is IPremiums {
    struct Named {
        uint256 since;
        uint256 premium;
    }

    mapping(bytes32 coverageId => Named[]) private named;

    /// @notice At any time that was not named later.
    function name(bytes32 coverageId, uint256 premium) external {
        nameSince(coverageId, 0, premium);
    }

    /// @notice From a timestamp on.
    function nameSince(bytes32 coverageId, uint256 since, uint256 premium) public {
        named[coverageId].push(Named(since, premium));
    }

    /// @notice What was named last of those that count then.
    function premiumOf(bytes32 coverageId, uint256 trippedAt) external view returns (uint256 premium) {
        Named[] storage all = named[coverageId];
        for (uint256 i; i < all.length; ++i) if (trippedAt >= all[i].since) premium = all[i].premium;
    }
}
