// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Finds the first instruction of some code that is not allowed.
/// @dev Reads code as the EVM does, in one pass that skips what PUSH pushes, so every byte a jump can reach is looked at.
library CodeScan {
    /// Bit n is set when opcode n only computes on its input: STOP and arithmetic (00-0b), comparison and bits (10-1d),
    /// KECCAK256 (20), CALLVALUE, CALLDATALOAD, CALLDATASIZE, CALLDATACOPY, CODESIZE, CODECOPY (34-39), POP, MLOAD,
    /// MSTORE, MSTORE8 (50-53), JUMP, JUMPI (56, 57), JUMPDEST (5b), MCOPY (5e), PUSH0-PUSH32 (5f-7f), DUP (80-8f), SWAP
    /// (90-9f), RETURN (f3), REVERT (fd), INVALID (fe). Each is known to every chain that knows EIP-2537; CLZ is not, and
    /// who signs by what it says may not be judged where it faults.
    uint256 internal constant PURE =
        0x0fff |
            (0x3fff << 0x10) |
            (1 << 0x20) |
            (0x3f << 0x34) |
            (0xf << 0x50) |
            (0x3 << 0x56) |
            (1 << JUMPDEST) |
            (0x3 << 0x5e) |
            (0xffffffff << 0x60) |
            (0xffffffff << 0x80) |
            (1 << 0xf3) |
            (0x3 << 0xfd);

    uint256 internal constant GAS = 0x5a;
    uint256 internal constant JUMPDEST = 0x5b;
    uint256 internal constant PUSH1 = 0x60;
    uint256 internal constant PUSH32 = 0x7f;
    uint256 internal constant CALL = 0xf1;
    uint256 internal constant STATICCALL = 0xfa;

    /// @param length Bytes of `code` to look at, its length at most.
    /// @param allowed Bit n is set when opcode n is allowed; GAS only directly before CALL or STATICCALL.
    /// @param stops Bit n is set when what follows opcode n need not be looked at before the next JUMPDEST.
    function firstRefused(
        bytes memory code,
        uint256 length,
        uint256 allowed,
        uint256 stops
    ) internal pure returns (bool found, uint256 offset, uint8 opcode) {
        bool runs = true;
        // Offsets are at most 32 past the end of a memory array, shifts less than 256.
        unchecked {
            for (; offset < length; ++offset) {
                uint256 op = byteAt(code, offset);
                if (op == JUMPDEST) runs = true;
                if (runs) {
                    bool taken = (allowed >> op) & 1 == 1 && (op != GAS || isCalled(code, offset + 1, length));
                    if (!taken) return (true, offset, uint8(op));
                    runs = (stops >> op) & 1 == 0;
                }
                if (op >= PUSH1 && op <= PUSH32) offset += op - PUSH1 + 1;
            }
        }
    }

    function isCalled(bytes memory code, uint256 offset, uint256 length) private pure returns (bool) {
        if (offset >= length) return false;
        uint256 op = byteAt(code, offset);
        return op == CALL || op == STATICCALL;
    }

    /// @dev `uint8(code[offset])` for an offset that was found to be in it.
    function byteAt(bytes memory code, uint256 offset) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, mload(add(add(code, 0x20), offset)))
        }
    }
}
