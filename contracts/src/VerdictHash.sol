// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule, Verdict} from "./Types.sol";

/// @notice EIP-712 digests of verdicts and of their keys, and the ids of rules and coverages.
library VerdictHash {
    bytes32 internal constant DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant VERDICT_TYPE = keccak256(
        "Verdict(uint64 observedChainId,bytes32 coverageId,bytes32 ruleId,bytes32 blockHash,bytes32 subject,"
        "uint64 height,uint64 epoch,uint8 rung,uint32 life,bytes32 claimsRoot)"
    );
    bytes32 internal constant KEY_TYPE = keccak256(
        "VerdictKey(uint64 observedChainId,bytes32 coverageId,bytes32 ruleId,bytes32 blockHash,bytes32 subject)"
    );

    function domain(uint256 homeChainId, address registry) internal pure returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, keccak256("Tocsin"), keccak256("1"), homeChainId, registry));
    }

    /// @notice The message that watchers sign.
    /// @dev keccak256(abi.encode(VERDICT_TYPE, verdict)): each field is one word, in memory as in its encoding.
    function digest(bytes32 domain_, Verdict memory verdict) internal pure returns (bytes32) {
        bytes32 kind = VERDICT_TYPE;
        bytes32 structHash;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, kind)
            mcopy(add(free, 0x20), verdict, 0x140)
            structHash := keccak256(free, 0x160)
        }
        return sealed_(domain_, structHash);
    }

    /// @notice What a verdict is about: two verdicts of one watcher under one key are equivocation.
    function key(bytes32 domain_, Verdict memory verdict) internal pure returns (bytes32) {
        return
            sealed_(
                domain_,
                keccak256(
                    abi.encode(
                        KEY_TYPE,
                        verdict.observedChainId,
                        verdict.coverageId,
                        verdict.ruleId,
                        verdict.blockHash,
                        verdict.subject
                    )
                )
            );
    }

    function ruleId(Rule calldata rule) internal pure returns (bytes32) {
        return keccak256(abi.encode(rule));
    }

    /// @notice As much of a family's hash as a rule's state keeps: rules of equal ones never corroborate each other.
    function family(bytes32 name) internal pure returns (bytes6) {
        return bytes6(keccak256(abi.encodePacked(name)));
    }

    /// @notice Names the destination of a trip: where the registry is, and which hub and target it acts on.
    function coverageId(
        uint256 homeChainId,
        address registry,
        uint256 targetChainId,
        address hub,
        address target,
        uint256 nonce
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(homeChainId, registry, targetChainId, hub, target, nonce));
    }

    /// @notice The running hash of a coverage's incidents after one more.
    /// @param previous The coverage id before the first.
    /// @param signers Bitmap of the seats whose weight counted; of a trip by proof, which has no weight, the prover.
    /// @param rung The rung that was tripped, which may be higher than the verdict's.
    /// @param trippedAt Timestamp of the trip.
    /// @param end Timestamp at which it expires.
    function incident(
        bytes32 previous,
        bytes32 digest_,
        uint256[2] memory signers,
        uint256 signed,
        uint256 total,
        uint8 rung,
        uint64 trippedAt,
        uint64 end
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(previous, digest_, signers, signed, total, rung, trippedAt, end));
    }

    function sealed_(bytes32 domain_, bytes32 structHash) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domain_, structHash));
    }
}
