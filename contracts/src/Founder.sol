// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Makes contracts that name each other, each once and in the order named at construction.
/// @dev Where they land follows from this contract's own address, so that each can be told of those made later. It keeps
/// no role in any of them, and anyone may send the code: only the one that was named is taken.
contract Founder {
    /// @dev Stands in the code of a part for the address of part n, when n is added.
    uint256 public constant MARK = uint160(uint256(keccak256("Tocsin part")) << 8);
    uint256 private constant MAX_PARTS = 16;

    /// @dev There are so many parts, and at least one.
    error PartCount(uint256 count);
    error AllMade(uint256 parts);
    error CodeMismatch(uint256 part, bytes32 expected, bytes32 found);

    event Made(uint256 indexed part, address made);

    bytes32[] private codeHashes;
    uint256 public made;

    /// @param codeHashes_ Hash of each part's creation code with its arguments, marks in place of addresses.
    constructor(bytes32[] memory codeHashes_) {
        require(codeHashes_.length != 0 && codeHashes_.length <= MAX_PARTS, PartCount(codeHashes_.length));
        codeHashes = codeHashes_;
    }

    /// @notice Makes the next part. What keeps it from being made is thrown on.
    function make(bytes calldata code) external returns (address part) {
        uint256 index = made;
        require(index < codeHashes.length, AllMade(codeHashes.length));
        bytes32 found = keccak256(code);
        require(found == codeHashes[index], CodeMismatch(index, codeHashes[index], found));
        // Before the part is made: it may not be made twice by what it calls.
        made = index + 1;
        bytes memory filled = fill(code);
        assembly ("memory-safe") {
            part := create(0, add(filled, 0x20), mload(filled))
            if iszero(part) {
                returndatacopy(filled, 0, returndatasize())
                revert(filled, returndatasize())
            }
        }
        emit Made(index, part);
    }

    /// @notice Where part n lands: no two marks are nearer than a word, counted from the end as arguments are.
    function partAt(uint256 index) public view returns (address) {
        // Creation nonces start at one and stay below 0x80.
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(this), uint8(index + 1))))));
    }

    function fill(bytes memory code) private view returns (bytes memory) {
        uint256 parts = codeHashes.length;
        for (uint256 end = code.length; end >= 0x20; end -= 0x20) {
            uint256 word;
            assembly ("memory-safe") {
                word := mload(add(code, end))
            }
            if (word < MARK || word >= MARK + parts) continue;
            uint256 part = uint160(partAt(word - MARK));
            assembly ("memory-safe") {
                mstore(add(code, end), part)
            }
        }
        return code;
    }
}
