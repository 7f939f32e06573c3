// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a contract that is measured calls as it runs. The chain that tests run on notes each call of `COLLECTOR`.
/// @dev Pure to the compiler, so that pure functions can be measured too.
library CoverageMarks {
    address private constant COLLECTOR = 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE;

    /// @notice A statement is reached.
    function ran(uint256 mark) internal pure {
        asPure(note)(mark);
    }

    /// @notice A condition holds, or the next mark.
    function went(uint256 mark, bool condition) internal pure returns (bool) {
        asPure(note)(condition ? mark : mark + 1);
        return condition;
    }

    /// @notice What assembly has seen: bit n of it is n marks on.
    function saw(uint256 mark, uint256 seen) internal pure {
        for (; seen != 0; seen >>= 1) {
            if (seen & 1 != 0) asPure(note)(mark);
            ++mark;
        }
    }

    /// @dev In scratch space, which is given back as it was.
    function note(uint256 mark) private view {
        address collector = COLLECTOR;
        assembly ("memory-safe") {
            let before := mload(0)
            mstore(0, mark)
            pop(staticcall(gas(), collector, 0, 0x20, 0, 0))
            mstore(0, before)
        }
    }

    function asPure(
        function(uint256) internal view viewed
    ) private pure returns (function(uint256) internal pure same) {
        assembly ("memory-safe") {
            same := viewed
        }
    }
}
