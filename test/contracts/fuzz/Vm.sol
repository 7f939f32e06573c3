// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What these tests ask of the runner.
interface IVm {
    function warp(uint256 timestamp) external;
    function roll(uint256 height) external;
    /// @notice The next call comes from `sender`.
    function prank(address sender) external;
    /// @dev Not `block.timestamp`, which the optimizer reads once a call.
    function getBlockTimestamp() external view returns (uint256);
    function getBlockNumber() external view returns (uint256);
    /// @notice The creation code of a contract of this build, libraries linked.
    function getCode(string calldata name) external view returns (bytes memory);
}

IVm constant VM = IVm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @notice A number from `low` to `high`.
function within(uint256 seed, uint256 low, uint256 high) pure returns (uint256) {
    uint256 span = high - low;
    return span == type(uint256).max ? seed : low + (seed % (span + 1));
}

/// @notice A number from 1 to 2**`bits`, each length of it as likely as another.
function sized(uint256 seed, uint256 bits) pure returns (uint256) {
    return 1 + ((seed >> 8) % (1 << (1 + ((seed & 0xff) % bits))));
}

/// @notice The next of a row of seeds.
function next(uint256 seed) pure returns (uint256) {
    return uint256(keccak256(abi.encode(seed)));
}

function elapse(uint256 time) {
    VM.warp(VM.getBlockTimestamp() + time);
}

error NotMade(string name);

/// @notice A contract as it is built. Unlike with `new`, it is not compiled once more within the one that makes it.
function made(string memory name, bytes memory arguments) returns (address at) {
    bytes memory code = abi.encodePacked(VM.getCode(name), arguments);
    assembly ("memory-safe") {
        at := create(0, add(code, 32), mload(code))
    }
    require(at != address(0), NotMade(name));
}
