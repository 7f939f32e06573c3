// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWatchers} from "../src/interfaces/IWatchers.sol";

/// @notice What a committee asks of Watchers, with weights set at will: keys need no proof of possession.
contract FakeWatchers {
    mapping(bytes32 keyHash => uint32) public activeWeight;
    uint64 private immutable ROSTER_LIFE;

    constructor(uint64 rosterLife) {
        ROSTER_LIFE = rosterLife;
    }

    function setWeights(bytes32[] calldata keyHashes, uint32 weight) external {
        for (uint256 i; i < keyHashes.length; ++i) activeWeight[keyHashes[i]] = weight;
    }

    function settings() external view returns (IWatchers.Settings memory s) {
        s.rosterLife = ROSTER_LIFE;
    }
}
