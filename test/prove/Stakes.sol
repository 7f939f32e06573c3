// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Stakes} from "../../contracts/src/Stakes.sol";

// Amounts are at most a token's whole supply, which no stake or sum of stakes passes. Each property `P` is held for every
// input, and `PSeeded` is the same of a mistake, which must be found.
uint256 constant MOST = 2 ** 128;

/// @notice What was taken is all rewarded, pooled or burnt.
contract SplitConserves {
    function check(uint256 taken, bool landed) external pure {
        require(taken <= MOST);
        (uint256 reward, uint256 pooled, uint256 burnt) = Stakes.split(taken, landed);
        assert(reward + pooled + burnt == taken);
    }
}

/// @dev Each part rounded down by itself loses a wei.
contract SplitConservesSeeded {
    function check(uint256 taken) external pure {
        require(taken <= MOST);
        uint256 reward = taken / 10;
        uint256 burnt = taken - taken / 5;
        assert(reward + burnt == taken);
    }
}

/// @notice At least half burns, so that slashing oneself never pays.
contract HalfBurns {
    function check(uint256 taken, bool landed) external pure {
        require(taken <= MOST);
        (uint256 reward, uint256 pooled, uint256 burnt) = Stakes.split(taken, landed);
        assert(burnt >= reward + pooled && 2 * burnt >= taken);
    }
}

/// @dev Half rounded down is less than half.
contract HalfBurnsSeeded {
    function check(uint256 taken) external pure {
        require(taken <= MOST);
        uint256 burnt = taken / 2;
        assert(2 * burnt >= taken);
    }
}

/// @notice All costs no less than a part, or a slash that takes the difference would revert and stop all behind it.
contract PricesRise {
    function check(uint256 stake) external pure {
        require(stake <= MOST);
        assert(Stakes.price(stake, true) >= Stakes.price(stake, false));
    }
}

/// @dev Rounded up where nothing is to round.
contract PricesRiseSeeded {
    function check(uint256 stake) external pure {
        require(stake <= MOST);
        assert(stake >= stake / 20 + 1);
    }
}

/// @notice A slash takes no more than is left, and something of whatever is.
contract SlashIsBounded {
    function check(uint256 stake, uint256 left, bool charged, bool landed) external pure {
        require(stake >= 2 && stake <= MOST && left <= stake);
        require(landed || !charged);
        uint256 taken = Stakes.slash(stake, left, charged, landed);
        assert(taken <= left);
        assert(left == 0 || taken > 0);
    }
}

/// @dev The price rounded down is nothing for a small stake.
contract SlashIsBoundedSeeded {
    function check(uint256 stake, uint256 left) external pure {
        require(stake >= 2 && stake <= MOST && left <= stake);
        uint256 due = stake / 20;
        uint256 taken = due < left ? due : left;
        assert(taken <= left);
        assert(left == 0 || taken > 0);
    }
}

/// @notice A dearer offence after a cheaper one of the same seat charges the difference: both cost what the dearer does.
contract DearerChargesTheDifference {
    function check(uint256 stake) external pure {
        require(stake != 0 && stake <= MOST);
        uint256 first = Stakes.slash(stake, stake, false, false);
        uint256 second = Stakes.slash(stake, stake - first, true, true);
        assert(first + second == Stakes.price(stake, true));
    }
}

/// @dev Forgets what was charged.
contract DearerChargesTheDifferenceSeeded {
    function check(uint256 stake) external pure {
        require(stake != 0 && stake <= MOST);
        uint256 first = Stakes.slash(stake, stake, false, false);
        uint256 second = Stakes.slash(stake, stake, false, true);
        assert(first + second == Stakes.price(stake, true));
    }
}

/// @notice A slash moves stake to what is forfeited, and makes and loses none.
contract StakeIsConserved {
    function check(uint256 staked, uint256 forfeited, uint256 stake, uint256 left, bool landed) external pure {
        require(staked <= MOST && forfeited <= MOST && stake != 0 && stake <= MOST);
        require(left <= stake && left <= staked);
        uint256 taken = Stakes.slash(stake, left, false, landed);
        uint256 stakedAfter = staked - taken;
        uint256 forfeitedAfter = forfeited + taken;
        assert(stakedAfter + forfeitedAfter == staked + forfeited);
        assert(stakedAfter >= staked - left);
    }
}

/// @dev Forfeits the price, though less was left.
contract StakeIsConservedSeeded {
    function check(uint256 staked, uint256 forfeited, uint256 stake, uint256 left, bool landed) external pure {
        require(staked <= MOST && forfeited <= MOST && stake != 0 && stake <= MOST);
        require(left <= stake && left <= staked);
        uint256 taken = Stakes.slash(stake, left, false, landed);
        assert(staked - taken + forfeited + Stakes.price(stake, landed) == staked + forfeited);
    }
}

/// @notice A coverage is due no more than ten premiums, and sums of what is due fit their words.
contract CompensationIsBounded {
    function check(uint256 premium, uint256 stopped) external pure {
        require(stopped <= 21_600);
        uint256 due = Stakes.compensation(premium, stopped, 21_600);
        assert(due <= 10 * 2 ** 96);
        assert(premium > 2 ** 96 || due <= 10 * premium);
    }
}

/// @dev Any premium is counted.
contract CompensationIsBoundedSeeded {
    function check(uint256 premium, uint256 stopped) external pure {
        require(stopped <= 21_600 && premium <= 2 ** 200);
        uint256 due = (10 * premium * stopped) / 21_600;
        assert(due <= 10 * 2 ** 96);
    }
}
