// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice An Aave v3 market as far as its breaker sees it, with the real selectors and bits: provider, pool and configurator
/// in one. Not the real one, whose artifacts another compiler made; the tests in TypeScript run against that.
contract AaveMarket {
    error LtvAboveThreshold(uint256 ltv, uint256 threshold);
    error CapTooLarge(uint256 cap);

    uint256 internal constant LTV = 0xffff;
    uint256 internal constant COLLATERAL = (1 << 48) - 1;
    uint256 internal constant FROZEN = 1 << 57;
    uint256 internal constant PAUSED = 1 << 60;
    uint256 internal constant CAP_SHIFT = 80;
    uint256 internal constant CAP_MASK = (1 << 36) - 1;

    /// @dev From Aave 3.1 on a freeze takes a reserve's loan-to-value, and its end puts it back.
    bool internal immutable HIDES_LTV;
    mapping(address asset => uint256 word) public getConfiguration;
    mapping(address asset => uint256 ltv) public getPendingLtv;

    constructor(bool hidesLtv) {
        HIDES_LTV = hidesLtv;
    }

    function list(address asset, uint256 word) external {
        getConfiguration[asset] = word;
    }

    function setReserveFreeze(address asset, bool freeze) external {
        uint256 word = getConfiguration[asset];
        if ((word & FROZEN != 0) == freeze) return;
        word ^= FROZEN;
        if (HIDES_LTV) {
            (uint256 hidden, uint256 shown) = (getPendingLtv[asset], word & LTV);
            word = (word & ~LTV) | (freeze ? 0 : hidden);
            getPendingLtv[asset] = freeze ? shown : 0;
        }
        getConfiguration[asset] = word;
    }

    function setReservePause(address asset, bool paused) external {
        uint256 word = getConfiguration[asset] & ~PAUSED;
        getConfiguration[asset] = paused ? word | PAUSED : word;
    }

    function setBorrowCap(address asset, uint256 cap) external {
        require(cap <= CAP_MASK, CapTooLarge(cap));
        uint256 word = getConfiguration[asset] & ~(CAP_MASK << CAP_SHIFT);
        getConfiguration[asset] = word | (cap << CAP_SHIFT);
    }

    function configureReserveAsCollateral(address asset, uint256 ltv, uint256 threshold, uint256 bonus) external {
        require(ltv <= threshold, LtvAboveThreshold(ltv, threshold));
        uint256 word = getConfiguration[asset];
        if (HIDES_LTV && word & FROZEN != 0) (getPendingLtv[asset], ltv) = (ltv, 0);
        getConfiguration[asset] = (word & ~COLLATERAL) | ltv | (threshold << 16) | (bonus << 32);
    }

    /* VIEWS */

    function getPool() external view returns (address) {
        return address(this);
    }

    function getPoolConfigurator() external view returns (address) {
        return address(this);
    }
}
