// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "../../../contracts/devnet/Token.sol";
import {Class} from "../../../contracts/src/Types.sol";
import {Guarded} from "../../../contracts/src/Guarded.sol";
import {IBreakerHub} from "../../../contracts/src/interfaces/IBreakerHub.sol";
import {IOutflowLimiter} from "../../../contracts/src/interfaces/IOutflowLimiter.sol";
import {GlassVault} from "./GlassVault.sol";
import {elapse, made, sized, VM, within} from "./Vm.sol";

/// @notice Four people, a market and an owner at one limited vault. Keeps its own account of who brought and took what.
contract OutflowUsers {
    struct Leaving {
        uint256 when;
        address who;
        /// Beyond what the account had brought lately.
        uint256 bounded;
        uint256 bound;
    }

    error WindowExceeded(uint256 left, uint256 allowed, uint256 time);
    error Raised(address who, uint256 before, uint256 now_);
    error RefusedWrongly(bytes4 reason, uint256 asked, uint256 left);
    error PaidWrongly(uint256 asked, uint256 left);

    uint256 public constant PERIOD = 1 days;
    uint256 public constant CALM_BPS = 2_000;
    uint256 public constant ACCOUNT_BPS = 5_000;
    uint256 internal constant ALL_BPS = 10_000;

    IBreakerHub public immutable HUB = IBreakerHub(made("BreakerHub", ""));
    Token public immutable TOKEN = Token(made("Token", abi.encode("Dollars", "USD", 6)));
    GlassVault public immutable VAULT;
    address[4] public users = [address(0xa11ce), address(0xb0b), address(0xca401), address(0xda7e)];
    /// @notice What each brought, fading as fast as a period allows it to at the slowest.
    mapping(address who => uint256) public fresh;
    Leaving[] internal leaving;
    /// @dev No flow has come since: a gain may make up for it at once.
    bool internal lossUnseen;

    /// @dev Nothing but time, an end and what an account brings itself raises what it may take; but what comes in, from
    /// whom ever, covers credit again that what is held no longer covered.
    modifier raisingNothing() {
        uint256[4] memory before = allLeft();
        _;
        requireNoneRaised(before);
    }

    constructor() {
        VAULT = new GlassVault(
            address(HUB),
            TOKEN,
            IOutflowLimiter.OutflowSettings(uint32(PERIOD), uint16(CALM_BPS), 500, uint16(ACCOUNT_BPS))
        );
        HUB.enrol(address(VAULT));
        for (uint256 i; i < 4; ++i) {
            VM.prank(users[i]);
            TOKEN.approve(address(VAULT), type(uint256).max);
        }
        TOKEN.approve(address(VAULT), type(uint256).max);
    }

    /* MOVES */

    function deposit(uint256 who, uint256 amount) external {
        address user = users[who % 4];
        amount = sized(amount, 96);
        uint256 supply = VAULT.totalSupply();
        if (supply != 0 && (amount * supply) / VAULT.totalAssets() == 0) return;
        uint256[4] memory before = allLeft();
        TOKEN.mint(user, amount);
        VM.prank(user);
        VAULT.deposit(amount);
        fresh[user] += amount;
        lossUnseen = false;
        cover(before, amount);
        before[who % 4] += amount;
        requireNoneRaised(before);
    }

    /// @param bps Of what the user may take now, up to twice as much.
    function redeem(uint256 who, uint256 bps) external raisingNothing {
        redeemPart(users[who % 4], within(bps, 0, 2 * ALL_BPS));
    }

    function redeemAll(uint256 who) external raisingNothing {
        redeemPart(users[who % 4], ALL_BPS);
    }

    function transfer(uint256 from, uint256 to, uint256 shares) external raisingNothing {
        shares = within(shares, 0, VAULT.balanceOf(users[from % 4]));
        VM.prank(users[from % 4]);
        VAULT.transfer(users[to % 4], shares);
    }

    function donate(uint256 amount) external raisingNothing {
        TOKEN.mint(address(VAULT), sized(amount, 128));
    }

    function gain(uint256 amount) external {
        uint256[4] memory before = allLeft();
        amount = within(amount, 0, VAULT.totalAssets());
        TOKEN.mint(address(this), amount);
        VAULT.harvest(amount);
        cover(before, amount);
        if (!lossUnseen) requireNoneRaised(before);
    }

    function lose(uint256 amount) external raisingNothing {
        lossUnseen = true;
        VAULT.lose(within(amount, 0, VAULT.totalAssets() / 2));
    }

    function trip(uint8 rung, uint32 life) external raisingNothing {
        try HUB.trip(address(VAULT), 1 + (rung % 3), uint32(within(life, 1, 1 days)), Class.A) {} catch {}
    }

    function end() external {
        HUB.end(address(VAULT));
    }

    function wait(uint256 time) external {
        time = within(time, 1, sized(time, 17));
        for (uint256 i; i < 4; ++i) {
            uint256 rest = time < PERIOD ? PERIOD - time : 0;
            // Rounded up: a ceiling.
            fresh[users[i]] = (fresh[users[i]] * rest + PERIOD - 1) / PERIOD;
        }
        elapse(time);
    }

    /* INTERNAL */

    function redeemPart(address user, uint256 bps) internal {
        uint256 left = leftOf(user);
        uint256 shares = sharesFor(user, (left * bps) / ALL_BPS);
        if (shares == 0) return;
        uint256 assets = (shares * VAULT.totalAssets()) / VAULT.totalSupply();
        (, uint256 bound, ) = VAULT.tokenBucket();
        bool stopped = VAULT.rung() == 3;
        VM.prank(user);
        try VAULT.redeem(shares, user) {
            require(!stopped && assets <= left, PaidWrongly(assets, left));
            uint256 own = assets < fresh[user] ? assets : fresh[user];
            fresh[user] -= own;
            lossUnseen = false;
            leaving.push(Leaving(VM.getBlockTimestamp(), user, assets - own, bound));
            requireWindows(user);
        } catch (bytes memory reason) {
            bytes4 expected = stopped ? Guarded.Stopped.selector : IOutflowLimiter.OutflowLimited.selector;
            bool right = bytes4(reason) == expected && (stopped || assets > left);
            require(right, RefusedWrongly(bytes4(reason), assets, left));
        }
    }

    /// @dev Over every time that ends now: no more than the largest bound in it, and as much again a period; of one
    /// account, its part of that. A unit an act is rounding.
    function requireWindows(address who) internal view {
        (uint256 all, uint256 own, uint256 most) = (0, 0, 0);
        for (uint256 i = leaving.length; i != 0; --i) {
            Leaving memory one = leaving[i - 1];
            all += one.bounded;
            if (one.who == who) own += one.bounded;
            if (one.bound > most) most = one.bound;
            uint256 time = VM.getBlockTimestamp() - one.when;
            uint256 allowed = most + (most * time) / PERIOD + leaving.length;
            require(all <= allowed, WindowExceeded(all, allowed, time));
            allowed = (allowed * ACCOUNT_BPS) / ALL_BPS + leaving.length;
            require(own <= allowed, WindowExceeded(own, allowed, time));
        }
    }

    function requireNoneRaised(uint256[4] memory before) internal view {
        uint256[4] memory found = allLeft();
        for (uint256 i; i < 4; ++i) require(found[i] <= before[i], Raised(users[i], before[i], found[i]));
    }

    function cover(uint256[4] memory before, uint256 amount) internal view {
        for (uint256 i; i < 4; ++i) before[i] += amount < fresh[users[i]] ? amount : fresh[users[i]];
    }

    function allLeft() internal view returns (uint256[4] memory left) {
        for (uint256 i; i < 4; ++i) left[i] = leftOf(users[i]);
    }

    /* VIEWS */

    function leftOf(address user) public view returns (uint256 left) {
        (left, , ) = VAULT.outflowLeft(address(TOKEN), user);
    }

    /// @notice Shares of the user's that are worth no more than `assets`, or all of them.
    function sharesFor(address user, uint256 assets) public view returns (uint256 shares) {
        uint256 total = VAULT.totalAssets();
        if (total == 0) return 0;
        shares = (assets * VAULT.totalSupply()) / total;
        uint256 held = VAULT.balanceOf(user);
        return shares < held ? shares : held;
    }
}
