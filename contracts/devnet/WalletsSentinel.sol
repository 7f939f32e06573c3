// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A sentinel as a protocol would write it: what some wallets hold together fell by more than a share of what it
/// was at the oldest sample.
contract WalletsSentinel {
    IERC20 public immutable TOKEN;
    uint256 public immutable MAX_FALL_BPS;
    address[] internal wallets;

    constructor(IERC20 token, uint256 maxFallBps, address[] memory wallets_) {
        (TOKEN, MAX_FALL_BPS, wallets) = (token, maxFallBps, wallets_);
    }

    function collect() external view returns (bytes memory) {
        uint256 held;
        for (uint256 i; i < wallets.length; ++i) held += TOKEN.balanceOf(wallets[i]);
        return abi.encode(held, MAX_FALL_BPS);
    }

    /// @param samples Newest first.
    function shouldRespond(bytes[] calldata samples) external pure returns (bool, bytes memory) {
        (uint256 held, uint256 maxFallBps) = abi.decode(samples[0], (uint256, uint256));
        (uint256 before, ) = abi.decode(samples[samples.length - 1], (uint256, uint256));
        if (held >= before) return (false, "");
        uint256 fallBps = ((before - held) * 10_000) / before;
        return (fallBps > maxFallBps, abi.encode(fallBps));
    }
}
