// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../src/Quorum.sol";
import {RuleCheck} from "../src/RuleCheck.sol";
import {Rule, Verdict} from "../src/Types.sol";
import {VerdictHash} from "../src/VerdictHash.sol";
import {HashToG1} from "../src/bls/HashToG1.sol";

/// @notice The Solidity side of the vector files in test/vectors.
contract VectorHarness {
    function digest(uint256 chainId, address registry, Verdict calldata verdict) external pure returns (bytes32) {
        return VerdictHash.digest(VerdictHash.domain(chainId, registry), verdict);
    }

    function key(uint256 chainId, address registry, Verdict calldata verdict) external pure returns (bytes32) {
        return VerdictHash.key(VerdictHash.domain(chainId, registry), verdict);
    }

    function ruleId(Rule calldata rule) external pure returns (bytes32) {
        return VerdictHash.ruleId(rule);
    }

    function coverageId(
        uint256 homeChainId,
        address registry,
        uint256 targetChainId,
        address hub,
        address target,
        uint256 nonce
    ) external pure returns (bytes32) {
        return VerdictHash.coverageId(homeChainId, registry, targetChainId, hub, target, nonce);
    }

    /// @notice What a judge will compute from the values it is given proofs of.
    function claimsRoot(bytes32[] calldata values) external pure returns (bytes32) {
        return keccak256(abi.encode(values));
    }

    function incident(
        bytes32 previous,
        bytes32 digest_,
        uint256[2] calldata signers,
        uint256 signed,
        uint256 total,
        uint8 rung,
        uint64 trippedAt,
        uint64 end
    ) external pure returns (bytes32) {
        return VerdictHash.incident(previous, digest_, signers, signed, total, rung, trippedAt, end);
    }

    function hasQuorum(uint8 rung, uint256 signed, uint256 total) external pure returns (bool) {
        return Quorum.hasQuorum(rung, signed, total);
    }

    function hashToG1(bytes calldata message, bytes calldata tag) external view returns (bytes memory) {
        return HashToG1.hash(message, tag);
    }

    /// @notice Bounds of a rule: slots, paths of a proof, bytes of detector and parameters, least life in seconds, reach in blocks, least and
    /// most gas, most gas of a coverage.
    function ruleBounds() external pure returns (uint256[9] memory) {
        return
            [
                RuleCheck.MAX_SLOTS,
                RuleCheck.MAX_PATHS,
                RuleCheck.MAX_DETECTOR,
                RuleCheck.MAX_PARAMS,
                RuleCheck.MIN_LIFE,
                RuleCheck.MAX_REACH,
                RuleCheck.MIN_GAS,
                RuleCheck.MAX_GAS,
                RuleCheck.MAX_COVERAGE_GAS
            ];
    }
}
