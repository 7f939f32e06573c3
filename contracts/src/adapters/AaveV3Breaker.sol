// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../interfaces/IBreaker.sol";

interface IAddressesProvider {
    function getPool() external view returns (address);
    function getPoolConfigurator() external view returns (address);
}

interface IPool {
    /// @return One word: bits 0-15 loan-to-value, 16-31 liquidation threshold, 32-47 liquidation bonus, 56 active, 57 frozen,
    /// 58 borrowing enabled, 80-115 borrow cap in whole tokens, zero being none.
    function getConfiguration(address asset) external view returns (uint256);
}

interface IPoolConfigurator {
    function setReserveFreeze(address asset, bool freeze) external;
    function setBorrowCap(address asset, uint256 cap) external;
    function configureReserveAsCollateral(address asset, uint256 ltv, uint256 threshold, uint256 bonus) external;
}

/// @notice Tightens and freezes the listed reserves of an Aave v3 market that can be borrowed. Rung 1 stops new borrowing of
/// them by a borrow cap of one token, and lends less against them. Rungs 2 and 3 freeze them, which also stops new supply.
/// Repay, withdrawal and liquidation stay open, and so does topping up: at rungs 2 and 3 with a reserve that is not listed.
/// Thresholds and bonuses are never touched: no position comes nearer to its liquidation. From Aave 3.1 on a freeze also
/// takes a reserve's loan-to-value: whoever owes has to withdraw such reserves first.
/// @dev Role: RISK_ADMIN of the market's ACL manager, of which only `setReserveFreeze`, `setBorrowCap` and
/// `configureReserveAsCollateral`, with the threshold and the bonus as they are, are used: no owner, no upgrade.
/// @dev Worst use: a hostile hub keeps the listed reserves frozen, capped and at their lower loan-to-value, or puts back
/// what this adapter changed.
/// @dev What is changed does not expire: after the end anyone has the registry release it. While rung 1 outlives a freeze
/// anyone ends the freeze by `thaw`.
/// @dev Warning: a reserve that somebody else thaws and freezes again during a trip is taken for ours, and so is a borrow cap
/// or a loan-to-value that somebody else sets to the very value of the trip. Loan-to-values of eMode categories stay.
contract AaveV3Breaker is IBreaker {
    /// @dev A reserve and what a trip of rung 1 found there; never zero, so that a trip makes no slot.
    struct Reserve {
        address asset;
        /// Borrow cap before ours, while `capped`.
        uint40 cap;
        bool capped;
        /// Loan-to-value before ours, and ours; zero while it is not ours.
        uint16 ltv;
        uint16 lowered;
    }

    error ProviderWithoutCode(address provider);
    error AssetCount(uint256 count, uint256 max);
    error AssetUnlisted(address asset);
    error LtvShareInvalid(uint256 bps);
    error FreezeInForce(uint256 until);

    event Froze(uint256 reserves);
    event Unfroze(uint256 reserves);
    /// @param caps Bit i for reserve i, as in the other events.
    event Tightened(uint256 caps, uint256 ltvs);
    event Loosened(uint256 caps, uint256 ltvs);

    /* CONSTANTS */

    /// Bounded by the million gas of a hub's call: to put back all of a reserve takes 50,000, from Aave 3.1 on up to 100,000.
    uint256 internal constant MAX_ASSETS = 8;
    uint256 internal constant ALL_BPS = 10_000;
    /// The lowest there is: zero means none.
    uint256 internal constant TIGHT_CAP = 1;

    uint256 internal constant ACTIVE = 1 << 56;
    uint256 internal constant FROZEN = 1 << 57;
    uint256 internal constant BORROWABLE = 1 << 58;
    uint256 internal constant CAP_SHIFT = 80;
    uint256 internal constant CAP_MASK = (1 << 36) - 1;

    /* IMMUTABLES */

    /// @inheritdoc IBreaker
    address public immutable hub;
    /// @inheritdoc IBreaker
    address public immutable guardian;
    IAddressesProvider public immutable PROVIDER;
    /// @notice Share of its loan-to-value that rung 1 leaves a reserve, in basis points.
    uint256 public immutable LTV_SHARE_BPS;

    /* STORAGE */

    Reserve[] internal reserves;
    /// @notice Highest rung tripped since the last release.
    uint8 public tripped;
    /// @notice Timestamp the newest trip of rung 2 or 3 ends at.
    uint64 public freezeUntil;
    /// @notice Bit i is set while reserve i is frozen by this adapter and not by somebody else before it.
    uint128 public ours;
    /// @dev Keeps the slot from ever being zero.
    bool internal born = true;

    /* CONSTRUCTOR */

    constructor(
        address hub_,
        address guardian_,
        IAddressesProvider provider,
        address[] memory assets_,
        uint256 ltvShareBps
    ) {
        require(address(provider).code.length != 0, ProviderWithoutCode(address(provider)));
        require(assets_.length != 0 && assets_.length <= MAX_ASSETS, AssetCount(assets_.length, MAX_ASSETS));
        // A loan-to-value of zero would keep whoever owes from withdrawing any other collateral.
        require(ltvShareBps != 0 && ltvShareBps <= ALL_BPS, LtvShareInvalid(ltvShareBps));
        IPool pool = IPool(provider.getPool());
        for (uint256 i; i < assets_.length; ++i) {
            require(pool.getConfiguration(assets_[i]) != 0, AssetUnlisted(assets_[i]));
            reserves.push(Reserve(assets_[i], 0, false, 0, 0));
        }
        (hub, guardian, PROVIDER, LTV_SHARE_BPS) = (hub_, guardian_, provider, ltvShareBps);
    }

    /* TRIPPING */

    /// @inheritdoc IBreaker
    function trip(uint8 rung_, uint64 until) external {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ != 0 && rung_ <= 3, RungUnsupported(rung_));
        if (rung_ > tripped) tripped = rung_;
        if (rung_ == 1) return tighten();
        if (until > freezeUntil) freezeUntil = until;
        Reserve[] memory all = reserves;
        (uint256 toFreeze, , ) = survey(all);
        ours |= uint128(toFreeze);
        emit Froze(toFreeze);
        setFreeze(all, toFreeze, true);
    }

    /// @inheritdoc IBreaker
    /// @dev Thaws first: from Aave 3.1 on a reserve has its loan-to-value back only then.
    function release() external returns (bool changed) {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        tripped = 0;
        uint256 thawed = unfreeze();
        (uint256 caps, uint256 ltvs) = loosen();
        return thawed | caps | ltvs != 0;
    }

    /// @notice Ends a freeze whose trips have ended while rung 1 is still in force: no rung prolongs another.
    function thaw() external {
        require(block.timestamp >= freezeUntil, FreezeInForce(freezeUntil));
        if (tripped > 1) tripped = 1;
        unfreeze();
    }

    /* INTERNAL */

    /// @dev What was changed by somebody else since the last trip is found and kept anew.
    function tighten() internal {
        Reserve[] memory all = reserves;
        uint256[] memory words = configurations(all);
        (uint256 caps, uint256 ltvs) = (0, 0);
        for (uint256 i; i < all.length; ++i) {
            // Also what this adapter has frozen: rung 1 may outlive the freeze.
            if (!isOpen((ours >> i) & 1 == 1 ? words[i] & ~FROZEN : words[i])) continue;
            Reserve memory reserve = all[i];
            uint256 cap = capOf(words[i]);
            uint256 ltv = uint16(words[i]);
            uint256 lower = (ltv * LTV_SHARE_BPS) / ALL_BPS;
            if (lower == 0) lower = 1;
            if (cap != TIGHT_CAP) {
                (reserve.cap, reserve.capped) = (uint40(cap), true);
                caps |= 1 << i;
            }
            if (ltv > lower && ltv != reserve.lowered) {
                (reserve.ltv, reserve.lowered) = (uint16(ltv), uint16(lower));
                ltvs |= 1 << i;
            }
            if (((caps | ltvs) >> i) & 1 == 1) reserves[i] = reserve;
        }
        emit Tightened(caps, ltvs);
        IPoolConfigurator configurator = IPoolConfigurator(PROVIDER.getPoolConfigurator());
        for (uint256 i; i < all.length; ++i) {
            if ((caps >> i) & 1 == 1) configurator.setBorrowCap(all[i].asset, TIGHT_CAP);
            if ((ltvs >> i) & 1 == 1) setLtv(configurator, all[i].asset, words[i], all[i].lowered);
        }
    }

    function loosen() internal returns (uint256 caps, uint256 ltvs) {
        Reserve[] memory all = reserves;
        uint256[] memory words = configurations(all);
        for (uint256 i; i < all.length; ++i) {
            Reserve memory reserve = all[i];
            if (!reserve.capped && reserve.lowered == 0) continue;
            uint256 ltv = uint16(words[i]);
            if (reserve.capped && capOf(words[i]) == TIGHT_CAP) caps |= 1 << i;
            // The owner may have lowered the threshold below what the loan-to-value was; then it is the owner's.
            if (ltv == reserve.lowered && ltv != 0 && reserve.ltv <= thresholdOf(words[i])) ltvs |= 1 << i;
            // Frozen by somebody else from Aave 3.1 on: ours is only hidden, and waits for a later release.
            bool hidden = ltv == 0 && words[i] & FROZEN != 0;
            reserves[i] = Reserve(reserve.asset, 0, false, hidden ? reserve.ltv : 0, hidden ? reserve.lowered : 0);
        }
        emit Loosened(caps, ltvs);
        if (caps | ltvs == 0) return (0, 0);
        IPoolConfigurator configurator = IPoolConfigurator(PROVIDER.getPoolConfigurator());
        for (uint256 i; i < all.length; ++i) {
            if ((caps >> i) & 1 == 1) configurator.setBorrowCap(all[i].asset, all[i].cap);
            if ((ltvs >> i) & 1 == 1) setLtv(configurator, all[i].asset, words[i], all[i].ltv);
        }
    }

    function unfreeze() internal returns (uint256 thawed) {
        Reserve[] memory all = reserves;
        (, uint256 frozen, ) = survey(all);
        thawed = ours & frozen;
        (ours, freezeUntil) = (0, 0);
        emit Unfroze(thawed);
        setFreeze(all, thawed, false);
    }

    function setFreeze(Reserve[] memory all, uint256 chosen, bool freeze) internal {
        IPoolConfigurator configurator = IPoolConfigurator(PROVIDER.getPoolConfigurator());
        for (uint256 i; i < all.length; ++i) {
            if ((chosen >> i) & 1 == 1) configurator.setReserveFreeze(all[i].asset, freeze);
        }
    }

    function setLtv(IPoolConfigurator configurator, address asset, uint256 word, uint256 ltv) internal {
        configurator.configureReserveAsCollateral(asset, ltv, thresholdOf(word), uint16(word >> 32));
    }

    /// @return open Listed reserves that can be borrowed now.
    /// @return frozen Listed reserves that are frozen, whoever froze them.
    /// @return tight Those of `open` that have a borrow cap of one token, whoever set it.
    function survey(Reserve[] memory all) internal view returns (uint256 open, uint256 frozen, uint256 tight) {
        uint256[] memory words = configurations(all);
        for (uint256 i; i < all.length; ++i) {
            if (words[i] & FROZEN != 0) frozen |= 1 << i;
            if (!isOpen(words[i])) continue;
            open |= 1 << i;
            if (capOf(words[i]) == TIGHT_CAP) tight |= 1 << i;
        }
    }

    function configurations(Reserve[] memory all) internal view returns (uint256[] memory words) {
        IPool pool = IPool(PROVIDER.getPool());
        words = new uint256[](all.length);
        for (uint256 i; i < all.length; ++i) words[i] = pool.getConfiguration(all[i].asset);
    }

    function isOpen(uint256 word) internal pure returns (bool) {
        return word & (ACTIVE | FROZEN | BORROWABLE) == ACTIVE | BORROWABLE;
    }

    function capOf(uint256 word) internal pure returns (uint256) {
        return (word >> CAP_SHIFT) & CAP_MASK;
    }

    function thresholdOf(uint256 word) internal pure returns (uint256) {
        return uint16(word >> 16);
    }

    /* VIEWS */

    /// @inheritdoc IBreaker
    /// @dev As the market is: the highest one tripped while all that could be borrowed is frozen, 1 while the rest of it is
    /// capped at one token, and none when neither is so of any.
    function rung() external view returns (uint8) {
        if (tripped == 0) return 0;
        (uint256 open, uint256 frozen, uint256 tight) = survey(reserves);
        if (open == 0 && frozen != 0) return tripped;
        return open != 0 && open == tight ? 1 : 0;
    }

    /// @notice Reserves in the order of the bits of `ours`.
    function assets() external view returns (address[] memory all) {
        all = new address[](reserves.length);
        for (uint256 i; i < all.length; ++i) all[i] = reserves[i].asset;
    }

    /// @notice What a trip of rung 1 found at a reserve, as long as it is kept.
    function kept(uint256 index) external view returns (Reserve memory) {
        return reserves[index];
    }
}
