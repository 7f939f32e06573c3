// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Guarded} from "../src/Guarded.sol";
import {OutflowLimiter} from "../src/OutflowLimiter.sol";

/// @notice What a contract that redeems to itself is told.
interface IRedeemer {
    function onRedeemed(uint256 shares, uint256 assets) external;
}

/// @notice A yield vault with accounted assets, the victim of the scenario `vault-drain`.
/// @dev Warning: broken on purpose. `redeem` tells the receiver before it burns, and burns by writing back what it read
/// before: a receiver that redeems again from the callback is paid for the same shares as often as it likes, within what
/// its limiter lets out.
contract LeakyVault is OutflowLimiter {
    using SafeERC20 for IERC20;

    error SharesShort(address owner, uint256 asked, uint256 held);
    error NothingMinted(uint256 assets);

    event Deposit(address indexed owner, uint256 assets, uint256 shares);
    event Redeem(address indexed owner, address indexed receiver, uint256 assets, uint256 shares);
    event Harvest(address indexed from, uint256 assets);

    /* IMMUTABLES */
    IERC20 public immutable ASSET;
    address private immutable GUARDIAN;

    /* STORAGE */
    /// @notice Assets behind all shares, as accounted: a donation does not move it. Slot 1, after the mixin's own.
    uint256 public totalAssets;
    /// @notice Slot 2.
    uint256 public totalSupply;
    mapping(address owner => uint256 shares) public balanceOf;

    constructor(
        address hub_,
        address guardian_,
        IERC20 asset,
        OutflowSettings memory settings
    ) Guarded(hub_) OutflowLimiter(settings) {
        GUARDIAN = guardian_;
        ASSET = asset;
    }

    function deposit(uint256 assets) external returns (uint256 shares) {
        shares = totalSupply == 0 ? assets : (assets * totalSupply) / totalAssets;
        require(shares != 0, NothingMinted(assets));
        totalAssets += assets;
        totalSupply += shares;
        balanceOf[msg.sender] += shares;
        ASSET.safeTransferFrom(msg.sender, address(this), assets);
        _inflow(address(ASSET), msg.sender, assets);
        emit Deposit(msg.sender, assets, shares);
    }

    function redeem(uint256 shares, address receiver) external whenBelow(3) returns (uint256 assets) {
        uint256 held = balanceOf[msg.sender];
        uint256 supply = totalSupply;
        require(shares <= held, SharesShort(msg.sender, shares, held));
        assets = (shares * totalAssets) / supply;
        _outflow(address(ASSET), msg.sender, assets);
        totalAssets -= assets;
        ASSET.safeTransfer(receiver, assets);
        if (receiver.code.length != 0) IRedeemer(receiver).onRedeemed(shares, assets);
        balanceOf[msg.sender] = held - shares;
        totalSupply = supply - shares;
        emit Redeem(msg.sender, receiver, assets, shares);
    }

    /// @notice Books yield that the caller brings.
    function harvest(uint256 assets) external {
        totalAssets += assets;
        ASSET.safeTransferFrom(msg.sender, address(this), assets);
        emit Harvest(msg.sender, assets);
    }

    function assetsOf(address owner) external view returns (uint256) {
        return totalSupply == 0 ? 0 : (balanceOf[owner] * totalAssets) / totalSupply;
    }

    /// @inheritdoc OutflowLimiter
    function holdings(address token) public view override returns (uint256) {
        return token == address(ASSET) ? totalAssets : 0;
    }

    /// @inheritdoc Guarded
    function guardian() public view override returns (address) {
        return GUARDIAN;
    }
}
