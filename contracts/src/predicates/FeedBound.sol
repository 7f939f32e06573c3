// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredicate} from "../interfaces/IPredicate.sol";
import {Bps} from "./Bps.sol";

/// @notice Fires when a feed's answer has left its bounds around the reference, or is no price at all.
/// @dev Slot 0: the latest answer as int256. Parameters: abi.encode(uint32 maxRiseBps, uint32 maxFallBps).
/// @dev Measure: basis points risen or fallen; 10,000 for an answer of zero or less. A reference of zero or less bounds nothing.
contract FeedBound is IPredicate {
    /// @inheritdoc IPredicate
    function evaluate(
        bytes calldata params,
        bytes32[] calldata values,
        bytes32[] calldata before
    ) external pure returns (bool fires, uint256 measure) {
        require(values.length == 1 && before.length == 1, SlotCount(values.length, before.length));
        (uint32 maxRise, uint32 maxFall) = abi.decode(params, (uint32, uint32));
        int256 answer = int256(uint256(values[0]));
        int256 bound = int256(uint256(before[0]));
        if (answer <= 0) return (true, Bps.ONE);
        if (bound <= 0) return (false, 0);
        // Both are positive.
        bool rose = answer > bound;
        measure = Bps.ratio(rose ? uint256(answer - bound) : uint256(bound - answer), uint256(bound));
        fires = measure > (rose ? maxRise : maxFall);
    }
}
