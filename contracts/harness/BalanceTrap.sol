// SPDX-License-Identifier: MIT
pragma solidity ^0.8.12;

/// @notice A trap as its author publishes it: fires when the watched account lost more than a tenth over its samples.
contract BalanceTrap {
    address private constant WATCHED = 0x000000000000000000000000000000000000bEEF;

    struct Sample {
        uint256 number;
        uint256 balance;
    }

    function collect() external view returns (bytes memory) {
        return abi.encode(Sample({number: block.number, balance: WATCHED.balance}));
    }

    function shouldRespond(bytes[] calldata data) external pure returns (bool, bytes memory) {
        if (data.length < 2) return (false, bytes(""));
        Sample memory current = abi.decode(data[0], (Sample));
        Sample memory previous = abi.decode(data[data.length - 1], (Sample));
        if (current.balance >= previous.balance) return (false, bytes(""));
        uint256 lost = previous.balance - current.balance;
        return (lost > previous.balance / 10, abi.encode(lost));
    }
}
