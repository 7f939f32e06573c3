// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reference, Rule, Slot} from "../Types.sol";

/// @notice The order of the values that a verdict of class A claims.
/// @dev Those of the rule's slots at the verdict's height, then at its reference; when the rule holds, both again as many
/// blocks earlier.
library Claims {
    /// In place of a height: the block that was named when the rule was armed.
    uint256 internal constant ANCHOR = type(uint256).max;

    error ReachTooFar(uint256 height, uint256 reach);
    error ClaimCount(uint256 found, uint256 expected);

    /// @notice Heights of the blocks that the values are of; the anchor is `ANCHOR`.
    function heights(Rule calldata rule, uint256 height) internal pure returns (uint256[] memory all) {
        Reference kind = rule.reference_;
        uint256 lookback = rule.lookback;
        uint256 hold = rule.hold;
        require(height >= lookback + hold && height != ANCHOR, ReachTooFar(height, lookback + hold));
        uint256 width = widthOf(rule);
        all = new uint256[](width * evaluations(rule));
        for (uint256 i; i < all.length; i += width) {
            uint256 asked = i == 0 ? height : height - hold;
            all[i] = asked;
            if (kind == Reference.Lookback) all[i + 1] = asked - lookback;
            else if (kind == Reference.Anchor) all[i + 1] = ANCHOR;
        }
    }

    /// @notice How many values there are.
    function count(Rule calldata rule) internal pure returns (uint256) {
        return rule.slots.length * widthOf(rule) * evaluations(rule);
    }

    /// @notice How many ways from a root a proof of the values takes at most: to each account and to each slot, at each block.
    function paths(Rule calldata rule) internal pure returns (uint256) {
        Slot[] calldata slots = rule.slots;
        uint256 accounts;
        for (uint256 i; i < slots.length; ++i) {
            uint256 same;
            while (slots[same].account != slots[i].account) ++same;
            if (same == i) ++accounts;
        }
        return (accounts + slots.length) * widthOf(rule) * evaluations(rule);
    }

    /// @notice How many times the predicate is asked: at the height and, when the rule holds, that many blocks earlier.
    function evaluations(Rule calldata rule) internal pure returns (uint256) {
        return rule.hold == 0 ? 1 : 2;
    }

    /// @notice What the predicate is shown the first or the second time.
    function shown(
        Rule calldata rule,
        bytes32[] memory values,
        uint256 evaluation
    ) internal pure returns (bytes32[] memory values_, bytes32[] memory before) {
        uint256 all = count(rule);
        require(values.length == all, ClaimCount(values.length, all));
        uint256 slots = rule.slots.length;
        uint256 width = widthOf(rule);
        uint256 from = evaluation * width * slots;
        values_ = part(values, from, slots);
        before = part(values, from + slots, (width - 1) * slots);
    }

    /// @dev Blocks that one evaluation looks at.
    function widthOf(Rule calldata rule) internal pure returns (uint256) {
        return rule.reference_ == Reference.None ? 1 : 2;
    }

    function part(bytes32[] memory values, uint256 from, uint256 length) private pure returns (bytes32[] memory some) {
        some = new bytes32[](length);
        for (uint256 i; i < length; ++i) some[i] = values[from + i];
    }
}
