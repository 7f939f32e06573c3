// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Guarded} from "../src/Guarded.sol";

/// @notice Pays out of wallets that have approved it, the victim of the scenario `sentinel-outflow`.
/// @dev Warning: broken on purpose. `pay` never asks whether its caller is who pays.
contract PaymentRouter is Guarded {
    using SafeERC20 for IERC20;

    event Paid(address indexed from, address indexed to, uint256 amount);

    IERC20 public immutable TOKEN;
    address private immutable GUARDIAN;

    constructor(address hub_, address guardian_, IERC20 token) Guarded(hub_) {
        (GUARDIAN, TOKEN) = (guardian_, token);
    }

    function pay(address from, address to, uint256 amount) external whenBelow(2) {
        emit Paid(from, to, amount);
        TOKEN.safeTransferFrom(from, to, amount);
    }

    /// @inheritdoc Guarded
    function guardian() public view override returns (address) {
        return GUARDIAN;
    }
}
