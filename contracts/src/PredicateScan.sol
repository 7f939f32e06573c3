// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice Refuses predicate code that could look at, or do, anything but compute on its input.
/// @dev Reads code as the EVM does, in one pass that skips what PUSH pushes, so every byte a jump can reach is looked at.
library PredicateScan {
    uint256 internal constant MAX_CODE = 8192;

    /// Bit n is set when opcode n is allowed: STOP and arithmetic (00-0b), comparison and bits with CLZ (10-1e), KECCAK256
    /// (20), CALLVALUE, CALLDATALOAD, CALLDATASIZE, CALLDATACOPY, CODESIZE, CODECOPY (34-39), POP, MLOAD, MSTORE, MSTORE8
    /// (50-53), JUMP, JUMPI (56, 57), JUMPDEST (5b), MCOPY (5e), PUSH0-PUSH32 (5f-7f), DUP (80-8f), SWAP (90-9f), RETURN
    /// (f3), REVERT (fd), INVALID (fe).
    uint256 internal constant ALLOWED =
        0x0fff |
            (0x7fff << 0x10) |
            (1 << 0x20) |
            (0x3f << 0x34) |
            (0xf << 0x50) |
            (0x3 << 0x56) |
            (1 << 0x5b) |
            (0x3 << 0x5e) |
            (0xffffffff << 0x60) |
            (0xffffffff << 0x80) |
            (1 << 0xf3) |
            (0x3 << 0xfd);

    uint256 internal constant PUSH1 = 0x60;
    uint256 internal constant PUSH32 = 0x7f;

    /// @notice Reverts with the first opcode of `account` that is not allowed.
    function requirePure(address account) internal view {
        bytes memory code = account.code;
        require(code.length != 0 && code.length <= MAX_CODE, IRegistry.PredicateSize(account, code.length, MAX_CODE));
        uint256 length = code.length;
        for (uint256 offset; offset < length; ++offset) {
            uint256 opcode = uint8(code[offset]);
            require((ALLOWED >> opcode) & 1 == 1, IRegistry.PredicateImpure(account, offset, uint8(opcode)));
            // At most 32 bytes past the end of a memory array.
            unchecked {
                if (opcode >= PUSH1 && opcode <= PUSH32) offset += opcode - PUSH1 + 1;
            }
        }
    }
}
