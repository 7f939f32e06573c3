// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Guarded} from "./Guarded.sol";
import {IOutflowLimiter} from "./interfaces/IOutflowLimiter.sol";

/// @notice Mixin for vaults: rung 2 limits what leaves instead of stopping it. Functions marked `whenBelow(3)` stop at rung 3.
/// @dev Two buckets, one of the token and one of the account, each a share of the token's base, refill evenly in a period.
/// The base falls with the holdings at once and nears them over a period, so no deposit, flash or not, widens a bound now.
/// Until its deposit counts there an account takes it back from its own credit, which fades over the same period: honest
/// people who change their minds use up nobody's bound. No credit is more than what is held beyond the base: what one
/// account brought and another took, as shares that change hands let it, is nobody's any more.
/// @dev Over any time t, what leaves is at most what came in during t, what is left of the credits before it, and the largest
/// share of the base times (1 + t / period). A credit fades evenly between its account's own moves: left alone it is gone
/// after a period, and of one that is moved at each block 1/e is left. No part of it is spent twice.
/// @dev A bucket stores the part of it that is used: a change of rung keeps that part.
/// @dev Role: none. Worst use: a hostile hub holds everybody to the tripped share for as long as rung 2 lives.
/// @dev Warning: call `_inflow` after the tokens arrived and `holdings` counts them, `_outflow` before either. A way out
/// without `_outflow` is not limited. The account is who owned what leaves, never a receiver the caller may choose.
/// @dev Warning: many accounts share the token's bound, so an attacker can use up what is left of it for everybody.
abstract contract OutflowLimiter is Guarded, IOutflowLimiter {
    struct TokenFlow {
        /// Holdings the bounds are shares of, with 64 bits of fraction, so that frequent small steps are not lost.
        uint256 base;
        /// Holdings as last seen.
        uint128 held;
        uint64 used;
        uint64 updatedAt;
    }

    struct AccountFlow {
        uint128 credit;
        uint64 used;
        uint64 updatedAt;
    }

    /// @custom:storage-location erc7201:tocsin.OutflowLimiter
    struct Flows {
        mapping(address token => TokenFlow) ofToken;
        mapping(address token => mapping(address account => AccountFlow)) ofAccount;
    }

    /* CONSTANTS */

    uint256 internal constant MIN_PERIOD = 1 minutes;
    uint256 internal constant MAX_PERIOD = 30 days;
    uint256 internal constant ALL_BPS = 10_000;
    /// A bucket of which everything is used.
    uint256 internal constant WHOLE = 1e18;
    uint256 internal constant FRACTION = 64;
    /// Away from the host's own slots, which rules name.
    bytes32 internal constant FLOWS =
        keccak256(abi.encode(uint256(keccak256("tocsin.OutflowLimiter")) - 1)) & ~bytes32(uint256(0xff));

    /* IMMUTABLES */

    uint256 public immutable OUTFLOW_PERIOD;
    uint256 public immutable CALM_BPS;
    uint256 public immutable TRIPPED_BPS;
    uint256 public immutable ACCOUNT_BPS;

    /* CONSTRUCTOR */

    constructor(OutflowSettings memory settings) {
        (uint256 period, uint256 calm) = (settings.period, settings.calmBps);
        (uint256 tripped, uint256 account) = (settings.trippedBps, settings.accountBps);
        require(period >= MIN_PERIOD && period <= MAX_PERIOD, OutflowSettingInvalid("period", period));
        require(calm <= ALL_BPS, OutflowSettingInvalid("calmBps", calm));
        require(tripped != 0 && tripped <= calm, OutflowSettingInvalid("trippedBps", tripped));
        require(account != 0 && account <= ALL_BPS, OutflowSettingInvalid("accountBps", account));
        (OUTFLOW_PERIOD, CALM_BPS, TRIPPED_BPS, ACCOUNT_BPS) = (period, calm, tripped, account);
    }

    /* FLOWS */

    /// @dev Credits what `holdings` rose by at most: an amount that never arrived, or a fee on the way, earns nothing. The
    /// base is settled with what was held without it: a deposit does not make up for a loss.
    function _inflow(address token, address account, uint256 amount) internal {
        uint256 held = clip(holdings(token));
        uint256 without = Math.saturatingSub(held, amount);
        (TokenFlow memory ofToken, AccountFlow memory ofAccount) = settled(token, account, without);
        uint256 rise = Math.saturatingSub(held, ofToken.held);
        uint256 credited = Math.min(amount, rise);
        ofAccount.credit = clip(ofAccount.credit + credited);
        ofToken.held = uint128(held);
        store(token, account, ofToken, ofAccount);
        emit InflowCounted(token, account, amount, credited);
    }

    function _outflow(address token, address account, uint256 amount) internal {
        uint256 held = clip(holdings(token));
        (TokenFlow memory ofToken, AccountFlow memory ofAccount) = settled(token, account, held);
        uint256 own = Math.min(amount, ofAccount.credit);
        uint256 bounded = amount - own;
        uint256 share = shareInForce();
        if (share != ALL_BPS && bounded != 0) {
            (uint256 bound, uint256 boundOfAccount) = boundsOf(token, ofToken.base, share);
            uint256 left = leftOf(bound, ofToken.used, boundOfAccount, ofAccount.used);
            require(bounded <= left, OutflowLimited(token, account, amount, own + left));
            ofToken.used += partOf(bounded, bound);
            ofAccount.used += partOf(bounded, boundOfAccount);
        }
        ofAccount.credit -= uint128(own);
        ofToken.held = uint128(Math.saturatingSub(held, amount));
        ofToken.base = Math.min(ofToken.base, uint256(ofToken.held) << FRACTION);
        store(token, account, ofToken, ofAccount);
        emit OutflowCounted(token, account, amount, bounded);
    }

    /* INTERNAL */

    /// @dev Both flows as time alone has left them, and the base no higher than what is held now.
    function settled(
        address token,
        address account,
        uint256 held
    ) internal view returns (TokenFlow memory ofToken, AccountFlow memory ofAccount) {
        Flows storage all = flows();
        (ofToken, ofAccount) = (all.ofToken[token], all.ofAccount[token][account]);
        uint256 elapsed = sinceThen(ofToken.updatedAt);
        uint256 gap = Math.saturatingSub(uint256(ofToken.held) << FRACTION, ofToken.base);
        ofToken.base = Math.min(ofToken.base + (gap * elapsed) / OUTFLOW_PERIOD, held << FRACTION);
        ofToken.used = refilled(ofToken.used, elapsed);
        elapsed = sinceThen(ofAccount.updatedAt);
        ofAccount.used = refilled(ofAccount.used, elapsed);
        uint256 credit = (ofAccount.credit * (OUTFLOW_PERIOD - elapsed)) / OUTFLOW_PERIOD;
        ofAccount.credit = uint128(Math.min(credit, ((held << FRACTION) - ofToken.base) >> FRACTION));
        (ofToken.updatedAt, ofAccount.updatedAt) = (uint64(block.timestamp), uint64(block.timestamp));
    }

    function store(address token, address account, TokenFlow memory ofToken, AccountFlow memory ofAccount) internal {
        Flows storage all = flows();
        (all.ofToken[token], all.ofAccount[token][account]) = (ofToken, ofAccount);
    }

    /// @dev Seconds since, a period at most: after that nothing is left to fade.
    function sinceThen(uint256 then) internal view returns (uint256) {
        return Math.min(block.timestamp - then, OUTFLOW_PERIOD);
    }

    function refilled(uint256 used, uint256 elapsed) internal view returns (uint64) {
        return uint64(Math.saturatingSub(used, (WHOLE * elapsed) / OUTFLOW_PERIOD));
    }

    function shareInForce() internal view returns (uint256) {
        return rung() < 2 ? CALM_BPS : TRIPPED_BPS;
    }

    function boundsOf(
        address token,
        uint256 base,
        uint256 share
    ) internal view returns (uint256 bound, uint256 boundOfAccount) {
        bound = Math.max(((base >> FRACTION) * share) / ALL_BPS, clip(outflowFloor(token)));
        boundOfAccount = (bound * ACCOUNT_BPS) / ALL_BPS;
    }

    /// @dev Rounded down; `partOf` any amount up to it is at most what was unused.
    function leftOf(
        uint256 bound,
        uint256 used,
        uint256 boundOfAccount,
        uint256 usedOfAccount
    ) internal pure returns (uint256) {
        return Math.min((bound * (WHOLE - used)) / WHOLE, (boundOfAccount * (WHOLE - usedOfAccount)) / WHOLE);
    }

    /// @dev Rounded up; `amount` is not above `bound`.
    function partOf(uint256 amount, uint256 bound) internal pure returns (uint64) {
        return uint64(Math.ceilDiv(amount * WHOLE, bound));
    }

    /// @dev What is beyond 128 bits counts as that much: a bound may be too small for such a token, never too large.
    function clip(uint256 amount) internal pure returns (uint128) {
        return uint128(Math.min(amount, type(uint128).max));
    }

    function flows() private pure returns (Flows storage all) {
        bytes32 slot = FLOWS;
        assembly ("memory-safe") {
            all.slot := slot
        }
    }

    /* VIEWS */

    /// @inheritdoc IOutflowLimiter
    function holdings(address token) public view virtual returns (uint256);

    /// @inheritdoc IOutflowLimiter
    function outflowFloor(address) public view virtual returns (uint256) {
        return 0;
    }

    /// @inheritdoc IOutflowLimiter
    function outflowLeft(
        address token,
        address account
    ) external view returns (uint256 left, uint256 most, uint256 wholeAt) {
        uint256 share = shareInForce();
        if (share == ALL_BPS) return (type(uint256).max, type(uint256).max, block.timestamp);
        (TokenFlow memory ofToken, AccountFlow memory ofAccount) = settled(token, account, clip(holdings(token)));
        (uint256 bound, uint256 boundOfAccount) = boundsOf(token, ofToken.base, share);
        left = ofAccount.credit + leftOf(bound, ofToken.used, boundOfAccount, ofAccount.used);
        most = boundOfAccount;
        uint256 used = Math.max(ofToken.used, ofAccount.used);
        wholeAt = block.timestamp + Math.ceilDiv(used * OUTFLOW_PERIOD, WHOLE);
    }
}
