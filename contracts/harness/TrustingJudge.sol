// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJudge, Offence} from "../src/interfaces/IJudge.sol";
import {IRegistry} from "../src/interfaces/IRegistry.sol";

/// @notice Believes whatever it is told: evidence is the offence.
contract TrustingJudge is IJudge {
    function judge(IRegistry, bytes calldata evidence) external pure returns (Offence memory) {
        return abi.decode(evidence, (Offence));
    }
}
