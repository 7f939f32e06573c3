// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../interfaces/IBreaker.sol";

interface IAddressesProvider {
    function getPool() external view returns (address);
    function getPoolConfigurator() external view returns (address);
}

interface IPool {
    /// @return One word: bit 56 active, bit 57 frozen, bit 58 borrowing enabled.
    function getConfiguration(address asset) external view returns (uint256);
}

interface IPoolConfigurator {
    function setReserveFreeze(address asset, bool freeze) external;
}

/// @notice Freezes reserves of an Aave v3 market: rungs 2 and 3 stop new supply and new borrowing of the listed reserves
/// that can be borrowed. Repay, withdrawal and liquidation stay open, and so does topping up with a reserve that is not
/// listed. From Aave 3.1 on a freeze also takes a reserve's loan-to-value: whoever owes has to withdraw such reserves first.
/// @dev Role: RISK_ADMIN of the market's ACL manager, of which only `setReserveFreeze` is used: no owner, no upgrade.
/// @dev Worst use: a hostile hub keeps the listed reserves frozen, or unfreezes those that this adapter froze.
/// @dev A freeze does not expire: after the end anyone has the registry release it.
/// @dev Warning: a reserve that somebody else unfreezes and freezes again during a trip is taken for ours.
contract AaveV3Breaker is IBreaker {
    error ProviderWithoutCode(address provider);
    error AssetCount(uint256 count, uint256 max);
    error AssetUnlisted(address asset);

    event Froze(uint256 reserves);
    event Unfroze(uint256 reserves);

    /* CONSTANTS */

    /// Bounded by the million gas of a hub's call: a reserve takes about 40,000, from Aave 3.1 on about 66,000.
    uint256 internal constant MAX_ASSETS = 10;
    uint256 internal constant ACTIVE = 1 << 56;
    uint256 internal constant FROZEN = 1 << 57;
    uint256 internal constant BORROWABLE = 1 << 58;

    /* IMMUTABLES */

    /// @inheritdoc IBreaker
    address public immutable hub;
    /// @inheritdoc IBreaker
    address public immutable guardian;
    IAddressesProvider public immutable PROVIDER;

    /* STORAGE */

    address[] internal reserves;
    /// @notice Highest rung tripped since the last release.
    uint8 public tripped;
    /// @notice Bit i is set while reserve i is frozen by this adapter and not by somebody else before it.
    uint128 public ours;

    /* CONSTRUCTOR */

    constructor(address hub_, address guardian_, IAddressesProvider provider, address[] memory assets_) {
        require(address(provider).code.length != 0, ProviderWithoutCode(address(provider)));
        require(assets_.length != 0 && assets_.length <= MAX_ASSETS, AssetCount(assets_.length, MAX_ASSETS));
        IPool pool = IPool(provider.getPool());
        for (uint256 i; i < assets_.length; ++i) {
            require(pool.getConfiguration(assets_[i]) != 0, AssetUnlisted(assets_[i]));
        }
        (hub, guardian, PROVIDER, reserves) = (hub_, guardian_, provider, assets_);
    }

    /* TRIPPING */

    /// @inheritdoc IBreaker
    function trip(uint8 rung_, uint64) external {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ == 2 || rung_ == 3, RungUnsupported(rung_));
        address[] memory assets_ = reserves;
        (uint256 toFreeze, ) = survey(assets_);
        ours |= uint128(toFreeze);
        if (rung_ > tripped) tripped = rung_;
        emit Froze(toFreeze);
        setFreeze(assets_, toFreeze, true);
    }

    /// @inheritdoc IBreaker
    function release() external returns (bool changed) {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        address[] memory assets_ = reserves;
        (, uint256 frozen) = survey(assets_);
        uint256 toUnfreeze = ours & frozen;
        (ours, tripped) = (0, 0);
        emit Unfroze(toUnfreeze);
        setFreeze(assets_, toUnfreeze, false);
        return toUnfreeze != 0;
    }

    /* INTERNAL */

    /// @return open Listed reserves that can be borrowed now.
    /// @return frozen Listed reserves that are frozen, whoever froze them.
    function survey(address[] memory assets_) internal view returns (uint256 open, uint256 frozen) {
        IPool pool = IPool(PROVIDER.getPool());
        for (uint256 i; i < assets_.length; ++i) {
            uint256 configuration = pool.getConfiguration(assets_[i]);
            if (configuration & FROZEN != 0) frozen |= 1 << i;
            else if (configuration & ACTIVE != 0 && configuration & BORROWABLE != 0) open |= 1 << i;
        }
    }

    function setFreeze(address[] memory assets_, uint256 chosen, bool freeze) internal {
        IPoolConfigurator configurator = IPoolConfigurator(PROVIDER.getPoolConfigurator());
        for (uint256 i; i < assets_.length; ++i) {
            if ((chosen >> i) & 1 == 1) configurator.setReserveFreeze(assets_[i], freeze);
        }
    }

    /* VIEWS */

    /// @inheritdoc IBreaker
    /// @dev As the market is: none while a listed reserve can be borrowed, or when none is frozen.
    function rung() external view returns (uint8) {
        if (tripped == 0) return 0;
        (uint256 open, uint256 frozen) = survey(reserves);
        return open == 0 && frozen != 0 ? tripped : 0;
    }

    /// @notice Reserves in the order of the bits of `ours`.
    function assets() external view returns (address[] memory) {
        return reserves;
    }
}
