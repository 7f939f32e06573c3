// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "./interfaces/IBreaker.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @notice All that a trip needs of its coverage; one word. The escrow is in gwei.
struct Standing {
    address target;
    uint40 notBefore;
    uint48 escrow;
    bool retired;
}

/// @notice All that a registry keeps of its coverages.
struct Book {
    uint256 nonce;
    mapping(bytes32 coverageId => Standing) coverages;
    mapping(bytes32 coverageId => address) owners;
    mapping(bytes32 coverageId => bytes32) incidents;
    mapping(address target => bytes32 coverageId) coverageOf;
    mapping(bytes32 coverageId => mapping(bytes32 ruleId => IRegistry.RuleState)) rules;
    mapping(bytes32 coverageId => mapping(bytes32 ruleId => bytes32 blockHash)) anchors;
    mapping(bytes32 coverageId => bytes32) rulesHashes;
}

/// @notice Who may do what with a coverage.
library Books {
    uint256 internal constant ASK_GAS = 100_000;

    function requireKnown(Book storage book, bytes32 id) internal view returns (Standing storage covered) {
        covered = book.coverages[id];
        require(covered.target != address(0), IRegistry.CoverageUnknown(id));
    }

    function requireLive(Book storage book, bytes32 id) internal view returns (Standing storage covered) {
        covered = requireKnown(book, id);
        require(!covered.retired, IRegistry.CoverageRetired(id));
    }

    /// @notice A live coverage whose owner is the caller.
    /// @dev A former guardian's hot key must not end trips. A target that cannot say who guards it holds nobody up.
    function requireOwner(Book storage book, bytes32 id) internal view returns (Standing storage covered) {
        covered = requireLive(book, id);
        address owner = book.owners[id];
        require(msg.sender == owner, IRegistry.NotOwner(msg.sender, owner));
        address guardian = ask(covered.target, IBreaker.guardian.selector);
        require(guardian == address(0) || guardian == owner, IRegistry.NotGuardian(owner, guardian));
    }

    /// @dev The address a target answers with, zero when it answers with none, whatever else it does.
    function ask(address target, bytes4 question) internal view returns (address) {
        bytes32 input = bytes32(question);
        uint256 word;
        assembly ("memory-safe") {
            mstore(0, input)
            let ran := staticcall(ASK_GAS, target, 0, 4, 0, 0x20)
            word := mul(mload(0), and(ran, gt(returndatasize(), 0x1f)))
        }
        return word > type(uint160).max ? address(0) : address(uint160(word));
    }
}
