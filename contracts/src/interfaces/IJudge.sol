// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./IRegistry.sol";

/// @notice Who lied, and the trip that the lie made where it made one.
struct Offence {
    /// Epoch of the roster that the seats are of.
    uint64 epoch;
    /// Bit i % 256 of word i / 256 is seat i.
    uint256[2] seats;
    /// The coverage that was tripped; zero, like all that follows, when none was.
    bytes32 coverageId;
    /// The rung that was tripped.
    uint8 rung;
    uint64 trippedAt;
    /// Timestamp at which the trip expires.
    uint64 end;
}

/// @notice Says what evidence proves, and of whom. Touches nothing and keeps nothing: a court acts on it, and one judge
/// serves those of any registry.
interface IJudge {
    /// @notice What the evidence proves; reverts when that is nothing.
    /// @param evidence In the judge's own encoding.
    function judge(IRegistry registry, bytes calldata evidence) external view returns (Offence memory);
}
