// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHash} from "../src/BlockHash.sol";
import {PredicateScan} from "../src/PredicateScan.sol";
import {SentinelScan} from "../src/SentinelScan.sol";
import {VerdictHash} from "../src/VerdictHash.sol";
import {Rule} from "../src/Types.sol";
import {Bps} from "../src/predicates/Bps.sol";

/// @notice Internal libraries with a door.
contract Probes {
    function requirePure(address account) external view {
        PredicateScan.requirePure(account);
    }

    function requireRepeatable(address account) external view {
        SentinelScan.requireRepeatable(account);
    }

    function blockHash(uint256 height) external view returns (bytes32) {
        return BlockHash.read(height);
    }

    function ratio(uint256 part, uint256 whole) external pure returns (uint256) {
        return Bps.ratio(part, whole);
    }

    function ruleId(Rule calldata rule) external pure returns (bytes32) {
        return VerdictHash.ruleId(rule);
    }
}
