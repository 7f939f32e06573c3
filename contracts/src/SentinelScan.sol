// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CodeScan} from "./CodeScan.sol";
import {MetadataTrailer} from "./MetadataTrailer.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice Refuses sentinel code in which two watchers could see two things at one block, or that writes.
/// @dev It keeps authors from mistakes and binds nobody: what a sentinel calls is not scanned, and a trailer may hide an
/// instruction in its hash. One that answers watchers differently reaches no quorum, which harms its own coverage alone.
library SentinelScan {
    /// The largest contract there is (EIP-170).
    uint256 internal constant MAX_CODE = 24_576;

    /// What predicates may, and CLZ (1e), ADDRESS, BALANCE (30, 31), EXTCODESIZE, EXTCODECOPY, RETURNDATASIZE, RETURNDATACOPY,
    /// EXTCODEHASH (3b-3f), TIMESTAMP, NUMBER (42, 43), CHAINID, SELFBALANCE (46, 47), SLOAD (54), PC, MSIZE (58, 59), GAS
    /// (5a), CALL (f1), STATICCALL (fa).
    uint256 internal constant ALLOWED =
        CodeScan.PURE |
            (1 << 0x1e) |
            (0x3 << 0x30) |
            (0x1f << 0x3b) |
            (0x3 << 0x42) |
            (0x3 << 0x46) |
            (1 << 0x54) |
            (0x3 << 0x58) |
            (1 << CodeScan.GAS) |
            (1 << CodeScan.CALL) |
            (1 << CodeScan.STATICCALL);

    /// STOP, JUMP, RETURN, REVERT, INVALID.
    uint256 internal constant STOPS = 1 | (1 << 0x56) | (1 << 0xf3) | (0x3 << 0xfd);

    /// @notice Reverts with the first opcode of `account` that is not allowed and may run.
    function requireRepeatable(address account) internal view {
        bytes memory code = account.code;
        require(code.length != 0 && code.length <= MAX_CODE, IRegistry.SentinelSize(account, code.length, MAX_CODE));
        (bool found, uint256 offset, uint8 opcode) = CodeScan.firstRefused(
            code,
            MetadataTrailer.bodyLength(code),
            ALLOWED,
            STOPS
        );
        require(!found, IRegistry.SentinelImpure(account, offset, opcode));
    }
}
