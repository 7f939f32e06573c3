// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Ratios in hundredths of a per cent, for any values.
library Bps {
    uint256 internal constant ONE = 10_000;

    /// @notice `part` of `whole` in basis points, rounded up, so that "more than n" is exact; saturates, also for no whole.
    function ratio(uint256 part, uint256 whole) internal pure returns (uint256) {
        if (part == 0) return 0;
        (uint256 high, ) = Math.mul512(part, ONE);
        if (whole <= high) return type(uint256).max;
        uint256 down = Math.mulDiv(part, ONE, whole);
        return down == type(uint256).max || mulmod(part, ONE, whole) == 0 ? down : down + 1;
    }
}
