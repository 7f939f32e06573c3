// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPremiums} from "../src/interfaces/IPremiums.sol";

/// @notice Says of each coverage that it has paid what it was told.
contract NamedPremiums is IPremiums {
    mapping(bytes32 coverageId => uint256) public premiumOf;

    function name(bytes32 coverageId, uint256 premium) external {
        premiumOf[coverageId] = premium;
    }
}
