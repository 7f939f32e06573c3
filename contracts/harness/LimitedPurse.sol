// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Guarded} from "../src/Guarded.sol";
import {OutflowLimiter} from "../src/OutflowLimiter.sol";

/// @notice A host of the limiter that only keeps accounts: of any token, for whom the caller says.
contract LimitedPurse is OutflowLimiter {
    mapping(address token => uint256) internal held;
    mapping(address token => uint256) internal floors;

    constructor(address hub_, OutflowSettings memory settings) Guarded(hub_) OutflowLimiter(settings) {}

    function put(address token, address account, uint256 amount) external {
        held[token] += amount;
        _inflow(token, account, amount);
    }

    /// @notice Less arrives than the host believes.
    function putShort(address token, address account, uint256 amount, uint256 arrived) external {
        held[token] += arrived;
        _inflow(token, account, amount);
    }

    function take(address token, address account, uint256 amount) external {
        _outflow(token, account, amount);
        held[token] -= amount;
    }

    /// @notice In and out again within one transaction, `taken` for what `amount` was brought.
    function flash(address token, address account, uint256 amount, uint256 taken) external {
        held[token] += amount;
        _inflow(token, account, amount);
        _outflow(token, account, taken);
        held[token] -= taken;
    }

    /// @notice Yield or loss that no hook is told of.
    function setHoldings(address token, uint256 amount) external {
        held[token] = amount;
    }

    function setFloor(address token, uint256 amount) external {
        floors[token] = amount;
    }

    function holdings(address token) public view override returns (uint256) {
        return held[token];
    }

    function outflowFloor(address token) public view override returns (uint256) {
        return floors[token];
    }

    function guardian() public view override returns (address) {
        return hub;
    }
}
