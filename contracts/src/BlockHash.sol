// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Hashes of past blocks: of 256 by the opcode, of 8,191 from the state that EIP-2935 keeps.
library BlockHash {
    address internal constant HISTORY = 0x0000F90827F1C53a10cb7A02335B175320002935;

    /// @notice Zero when the chain no longer, or not yet, knows it.
    function read(uint256 height) internal view returns (bytes32 hash) {
        hash = blockhash(height);
        if (hash != 0) return hash;
        (bool ran, bytes memory answer) = HISTORY.staticcall(abi.encode(height));
        if (ran && answer.length == 0x20) hash = bytes32(answer);
    }
}
