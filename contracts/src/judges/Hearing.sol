// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "../interfaces/IRegistry.sol";

/// @notice Reads evidence that is a call of one of the judge's own views, whose first argument is the registry.
library Hearing {
    error RegistryDiffers(address asked, bytes32 named);

    /// @notice Ends the call with what the view answers, or with the error with which it refuses.
    function hear(IRegistry registry, bytes calldata evidence) internal view {
        bytes32 named = bytes32(evidence[4:36]);
        bool same = named == bytes32(uint256(uint160(address(registry))));
        require(same, RegistryDiffers(address(registry), named));
        // Plainly: return abi.decode(Address.functionStaticCall(address(this), evidence), (Offence)).
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, evidence.offset, evidence.length)
            let ran := staticcall(gas(), address(), free, evidence.length, 0, 0)
            returndatacopy(free, 0, returndatasize())
            if iszero(ran) {
                revert(free, returndatasize())
            }
            return(free, returndatasize())
        }
    }
}
