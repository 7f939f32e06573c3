// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Verdict} from "../Types.sol";
import {IJudge} from "./IJudge.sol";
import {IRegistry} from "./IRegistry.sol";

/// @notice Finds the seats that signed two different verdicts under one key.
interface IEquivocationJudge is IJudge {
    error KeysDiffer(bytes32 keyOfFirst, bytes32 keyOfSecond);
    error VerdictsEqual(bytes32 digest);
    error EpochsDiffer(uint64 first, uint64 second);
    error EpochUnknown(uint64 epoch);
    error NoOffender(uint64 epoch);

    /// @notice The seats whose signatures are in both certificates. No quorum is asked of either.
    /// @dev Evidence is what follows the registry, encoded as `abi.encode` does.
    function compare(
        IRegistry registry,
        Verdict calldata first,
        Certificate calldata certificateOfFirst,
        Verdict calldata second,
        Certificate calldata certificateOfSecond
    ) external view returns (uint64 epoch, uint256[2] memory seats);
}
