// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Offence} from "../interfaces/IJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";

/// @notice Reads evidence that is a call of one of the judge's own views, whose first argument is the registry.
library Hearing {
    error RegistryDiffers(address asked, bytes32 named);

    /// @notice What the view answers, or the error with which it refuses.
    function hear(IRegistry registry, bytes calldata evidence) internal view returns (Offence memory) {
        bytes32 named = bytes32(evidence[4:36]);
        bool same = named == bytes32(uint256(uint160(address(registry))));
        require(same, RegistryDiffers(address(registry), named));
        (bool ran, bytes memory answer) = address(this).staticcall(evidence);
        if (!ran)
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        return abi.decode(answer, (Offence));
    }
}
