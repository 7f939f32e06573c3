// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LeakyVault} from "../../../contracts/devnet/LeakyVault.sol";

/// @notice The devnet's vault with shares that change hands, losses, and its buckets in view.
contract GlassVault is LeakyVault {
    constructor(address hub_, IERC20 asset, OutflowSettings memory settings) LeakyVault(hub_, hub_, asset, settings) {}

    function transfer(address to, uint256 shares) external {
        balanceOf[msg.sender] -= shares;
        balanceOf[to] += shares;
    }

    function lose(uint256 assets) external {
        totalAssets -= assets;
        ASSET.transfer(address(0xdead), assets);
    }

    /// @return base What the bounds are shares of.
    /// @return bound What may leave in a period by the rung in force.
    /// @return used Part of it that is used.
    function tokenBucket() external view returns (uint256 base, uint256 bound, uint256 used) {
        (TokenFlow memory flow, ) = settled(address(ASSET), address(0), clip(totalAssets));
        (bound, ) = boundsOf(address(ASSET), flow.base, shareInForce());
        return (flow.base >> FRACTION, bound, flow.used);
    }

    function accountBucket(address account) external view returns (uint256 credit, uint256 used) {
        (, AccountFlow memory flow) = settled(address(ASSET), account, clip(totalAssets));
        return (flow.credit, flow.used);
    }
}
