// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Verdict} from "../Types.sol";
import {IRegistry} from "./IRegistry.sol";

/// @notice Finds the seats that signed two different verdicts under one key.
interface IEquivocationJudge {
    error KeysDiffer(bytes32 keyOfFirst, bytes32 keyOfSecond);
    error VerdictsEqual(bytes32 digest);
    error EpochsDiffer(uint64 first, uint64 second);
    error EpochUnknown(uint64 epoch);
    error NoOffender(uint64 epoch);

    event Equivocated(
        IRegistry indexed registry,
        uint64 indexed epoch,
        bytes32 indexed key,
        bytes32 first,
        bytes32 second,
        uint256[2] seats
    );

    /// @notice Strikes the seats whose signatures are in both certificates, in `registry`. Anyone; no quorum is asked of either.
    function judge(
        IRegistry registry,
        Verdict calldata first,
        Certificate calldata certificateOfFirst,
        Verdict calldata second,
        Certificate calldata certificateOfSecond
    ) external;
}
