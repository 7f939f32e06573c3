// SPDX-License-Identifier: MIT
pragma solidity ^0.8.12;

/// @notice A trap whose author wrote "no more than" for "less than": it fires whenever nothing has moved.
contract NomadTrap {
    address private constant BRIDGE = 0x000000000000000000000000000000000000bEEF;

    function collect() external view returns (bytes memory) {
        return abi.encode(BRIDGE.balance);
    }

    function shouldRespond(bytes[] calldata data) external pure returns (bool, bytes memory) {
        if (data.length < 2) return (false, bytes(""));
        uint256 current = abi.decode(data[0], (uint256));
        uint256 previous = abi.decode(data[1], (uint256));
        return (current <= previous, abi.encode(previous - current));
    }
}
