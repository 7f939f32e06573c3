// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../interfaces/IBreaker.sol";

interface IAddressesProvider {
    function getPool() external view returns (address);
    function getPoolConfigurator() external view returns (address);
}

interface IPool {
    /// @return One word: bits 0-15 loan-to-value, 16-31 liquidation threshold, 32-47 liquidation bonus, 56 active, 57 frozen,
    /// 58 borrowing enabled, 60 paused, 80-115 borrow cap in whole tokens, zero being none.
    function getConfiguration(address asset) external view returns (uint256);
}

interface IPoolConfigurator {
    function setReserveFreeze(address asset, bool freeze) external;
    function setBorrowCap(address asset, uint256 cap) external;
    function configureReserveAsCollateral(address asset, uint256 ltv, uint256 threshold, uint256 bonus) external;
    function setReservePause(address asset, bool paused) external;
}

/// @notice Tightens and freezes the listed reserves of an Aave v3 market that can be borrowed. Rung 1 stops new borrowing of
/// them by a borrow cap of one token, and lends less against them. Rungs 2 and 3 freeze them, which also stops new supply.
/// Repay, withdrawal and liquidation stay open, and so does topping up: at rungs 2 and 3 with a reserve that is not listed.
/// Thresholds and bonuses are never touched: no position comes nearer to its liquidation. From Aave 3.1 on a freeze also
/// takes a reserve's loan-to-value: whoever owes has to withdraw such reserves first.
/// @notice Where its owner asked for it, rung 3 also pauses them, which stops repay and liquidation too: for at most 6 hours in
/// any 25, and the rest of the trip they are frozen.
/// @dev Role: RISK_ADMIN of the market's ACL manager, of which only `setReserveFreeze`, `setBorrowCap` and
/// `configureReserveAsCollateral`, with the threshold and the bonus as they are, are used: no owner, no upgrade. To pause,
/// EMERGENCY_ADMIN too, of which only `setReservePause` is used.
/// @dev Worst use: a hostile hub keeps the listed reserves frozen, capped and at their lower loan-to-value, or puts back
/// what this adapter changed; with EMERGENCY_ADMIN it pauses them for 6 hours in 25, in which nobody can save a position.
/// @dev What is changed does not expire: after the end anyone has the registry release it. Rungs 2 and 3 share the freeze, which
/// the later one to end thaws. A pause that its 6 hours have outlived anyone ends by `ease`.
/// @dev Warning: a reserve that somebody else thaws and freezes again during a trip is taken for ours, and so is one that is
/// unpaused and paused again, and a borrow cap or a loan-to-value that somebody else sets to the very value of the trip.
/// Loan-to-values of eMode categories stay.
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
    error PauseInForce(uint256 until);

    event Froze(uint256 reserves);
    event Unfroze(uint256 reserves);
    event Paused(uint256 reserves);
    event Unpaused(uint256 reserves);
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
    uint256 internal constant PAUSED = 1 << 60;
    uint256 internal constant CAP_SHIFT = 80;
    uint256 internal constant CAP_MASK = (1 << 36) - 1;

    uint256 internal constant LONGEST_PAUSE = 6 hours;
    /// Longest life of rung 3 and its cool-down: one stop, one pause.
    uint256 internal constant PAUSE_PERIOD = 25 hours;

    /* IMMUTABLES */

    /// @inheritdoc IBreaker
    address public immutable hub;
    /// @inheritdoc IBreaker
    address public immutable guardian;
    IAddressesProvider public immutable PROVIDER;
    /// @notice Share of its loan-to-value that rung 1 leaves a reserve, in basis points.
    uint256 public immutable LTV_SHARE_BPS;
    /// @notice Whether rung 3 pauses.
    bool public immutable PAUSES;

    /* STORAGE */

    Reserve[] internal reserves;
    /// @dev Timestamps the newest trips of rungs 2 and 3 end at, zero once released.
    uint40 internal limitUntil;
    uint40 internal stopUntil;
    /// @notice Timestamp of the trip from which the 6 hours of a pause count. No release forgets it.
    uint40 public pausedAt;
    /// @notice Bit i is set while reserve i is frozen by this adapter and not by somebody else before it.
    uint8 public ours;
    /// @notice The same of reserves that are paused.
    uint8 public oursPaused;
    /// @dev Rung 1 was tripped and not released.
    bool internal tightened;
    /// @dev Keeps the slot from ever being zero.
    bool internal born = true;

    /* CONSTRUCTOR */

    constructor(
        address hub_,
        address guardian_,
        IAddressesProvider provider,
        address[] memory assets_,
        uint256 ltvShareBps,
        bool pauses
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
        (hub, guardian, PROVIDER, LTV_SHARE_BPS, PAUSES) = (hub_, guardian_, provider, ltvShareBps, pauses);
    }

    /* TRIPPING */

    /// @inheritdoc IBreaker
    function trip(uint8 rung_, uint64 until) external {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ != 0 && rung_ <= 3, RungUnsupported(rung_));
        if (rung_ == 1) return tighten();
        if (rung_ == 2) limitUntil = uint40(until);
        else stopUntil = uint40(until);
        Reserve[] memory all = reserves;
        uint256[] memory words = configurations(all);
        uint256 toFreeze = openOf(words);
        ours |= uint8(toFreeze);
        emit Froze(toFreeze);
        setFreeze(all, toFreeze, true);
        if (rung_ == 3 && PAUSES) pause(all, words);
    }

    /// @inheritdoc IBreaker
    /// @dev Thaws first: from Aave 3.1 on a reserve has its loan-to-value back only then, and one that a release of rung 1 found
    /// hidden is put back with it.
    function release(uint8 rung_) external returns (bool changed) {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ != 0 && rung_ <= 3, RungUnsupported(rung_));
        if (rung_ == 1) tightened = false;
        else if (rung_ == 2) limitUntil = 0;
        else stopUntil = 0;
        uint256 put;
        if (rung_ == 3) put = unpause();
        if (rung_ != 1 && limitUntil <= block.timestamp && stopUntil <= block.timestamp) put |= unfreeze();
        if (!tightened) put |= loosen();
        return put != 0;
    }

    /// @notice Ends a pause that has lasted 6 hours; what it paused stays frozen until the trip is released.
    function ease() external {
        uint256 until = pausedAt + LONGEST_PAUSE;
        require(block.timestamp >= until, PauseInForce(until));
        unpause();
    }

    /* INTERNAL */

    /// @dev What was changed by somebody else since the last trip is found and kept anew.
    function tighten() internal {
        tightened = true;
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

    function loosen() internal returns (uint256 put) {
        Reserve[] memory all = reserves;
        uint256[] memory words = configurations(all);
        (uint256 caps, uint256 ltvs) = (0, 0);
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
        put = caps | ltvs;
        if (put == 0) return 0;
        IPoolConfigurator configurator = IPoolConfigurator(PROVIDER.getPoolConfigurator());
        for (uint256 i; i < all.length; ++i) {
            if ((caps >> i) & 1 == 1) configurator.setBorrowCap(all[i].asset, all[i].cap);
            if ((ltvs >> i) & 1 == 1) setLtv(configurator, all[i].asset, words[i], all[i].ltv);
        }
    }

    /// @dev What is frozen by now, whoever froze it, and only within the 6 hours of one stop.
    /// @param words As they were before this trip.
    function pause(Reserve[] memory all, uint256[] memory words) internal {
        if (block.timestamp >= pausedAt + PAUSE_PERIOD) pausedAt = uint40(block.timestamp);
        if (block.timestamp >= pausedAt + LONGEST_PAUSE) return;
        uint256 toPause = (ours | withBit(words, FROZEN)) & ~withBit(words, PAUSED);
        oursPaused |= uint8(toPause);
        emit Paused(toPause);
        setPause(all, toPause, true);
    }

    function unpause() internal returns (uint256 eased) {
        if (oursPaused == 0) return 0;
        Reserve[] memory all = reserves;
        eased = oursPaused & withBit(configurations(all), PAUSED);
        oursPaused = 0;
        emit Unpaused(eased);
        setPause(all, eased, false);
    }

    function unfreeze() internal returns (uint256 thawed) {
        if (ours == 0) return 0;
        Reserve[] memory all = reserves;
        thawed = ours & withBit(configurations(all), FROZEN);
        ours = 0;
        emit Unfroze(thawed);
        setFreeze(all, thawed, false);
    }

    function setPause(Reserve[] memory all, uint256 chosen, bool paused) internal {
        IPoolConfigurator configurator = IPoolConfigurator(PROVIDER.getPoolConfigurator());
        for (uint256 i; i < all.length; ++i) {
            if ((chosen >> i) & 1 == 1) configurator.setReservePause(all[i].asset, paused);
        }
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

    /// @notice Listed reserves that can be borrowed now.
    function openOf(uint256[] memory words) internal pure returns (uint256 open) {
        for (uint256 i; i < words.length; ++i) if (isOpen(words[i])) open |= 1 << i;
    }

    /// @notice Listed reserves of which this is so, whoever made it so.
    function withBit(uint256[] memory words, uint256 bit) internal pure returns (uint256 found) {
        for (uint256 i; i < words.length; ++i) if (words[i] & bit != 0) found |= 1 << i;
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
        uint8 highest =
            stopUntil != 0
                ? 3
                : limitUntil != 0
                    ? 2
                    : tightened
                        ? 1
                        : 0;
        if (highest == 0) return 0;
        uint256[] memory words = configurations(reserves);
        (uint256 open, uint256 tight) = (openOf(words), 0);
        if (open == 0 && withBit(words, FROZEN) != 0) return highest;
        for (uint256 i; i < words.length; ++i) if (capOf(words[i]) == TIGHT_CAP) tight |= 1 << i;
        return open != 0 && open & ~tight == 0 ? 1 : 0;
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
