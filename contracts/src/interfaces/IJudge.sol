// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./IRegistry.sol";

/// @notice Says what evidence proves, and of whom. Touches nothing and keeps nothing: a court acts on it, and one judge
/// serves those of any registry.
interface IJudge {
    /// @notice Offenders by seat, in the roster of `epoch`; reverts when nothing is proven.
    /// @param evidence In the judge's own encoding.
    /// @return epoch Epoch of the roster.
    /// @return seats Bit i % 256 of word i / 256 is seat i.
    /// @return landed Whether the lie tripped a coverage.
    function judge(
        IRegistry registry,
        bytes calldata evidence
    ) external view returns (uint64 epoch, uint256[2] memory seats, bool landed);
}
