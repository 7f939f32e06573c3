// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredicate} from "../interfaces/IPredicate.sol";
import {Bps} from "./Bps.sol";

/// @notice Fires when what a share is worth has fallen by more than it may since the reference.
/// @dev Slots: total assets, total supply. Parameters: abi.encode(uint32 maxFallBps). Measure: basis points fallen.
/// @dev Exact below 2^120; beyond, both numbers of a price lose their lowest bits alike. A vault without shares has no
/// price, before or after, and never fires: the last share may leave.
contract SharePriceFall is IPredicate {
    /// @inheritdoc IPredicate
    function evaluate(
        bytes calldata params,
        bytes32[] calldata values,
        bytes32[] calldata before
    ) external pure returns (bool fires, uint256 measure) {
        require(values.length == 2 && before.length == 2, SlotCount(values.length, before.length));
        uint32 maxFall = abi.decode(params, (uint32));
        (uint256 assets, uint256 supply) = shrink(values);
        (uint256 assetsBefore, uint256 supplyBefore) = shrink(before);
        if (uint256(values[1]) == 0 || uint256(before[1]) == 0) return (false, 0);
        // Products of 120-bit numbers. With a supply that shrank to nothing the price is beyond measure, not fallen.
        uint256 worth = assets * supplyBefore;
        uint256 worthBefore = assetsBefore * supply;
        if (worth >= worthBefore) return (false, 0);
        measure = Bps.ratio(worthBefore - worth, worthBefore);
        fires = measure > maxFall;
    }

    function shrink(bytes32[] calldata price) private pure returns (uint256 assets, uint256 supply) {
        (assets, supply) = (uint256(price[0]), uint256(price[1]));
        while ((assets | supply) >> 120 != 0) (assets, supply) = (assets >> 8, supply >> 8);
    }
}
