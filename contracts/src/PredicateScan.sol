// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CodeScan} from "./CodeScan.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice Refuses predicate code that could look at, or do, anything but compute on its input.
/// @dev All of it is looked at, what no jump can reach too: stake is slashed by what a predicate says.
library PredicateScan {
    uint256 internal constant MAX_CODE = 8192;

    /// @notice Reverts with the first opcode of `account` that is not allowed.
    function requirePure(address account) internal view {
        bytes memory code = account.code;
        require(code.length != 0 && code.length <= MAX_CODE, IRegistry.PredicateSize(account, code.length, MAX_CODE));
        (bool found, uint256 offset, uint8 opcode) = CodeScan.firstRefused(code, code.length, CodeScan.PURE, 0);
        require(!found, IRegistry.PredicateImpure(account, offset, opcode));
    }
}
