// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlockHash} from "./BlockHash.sol";
import {Class, Reference, Rule, Verdict} from "./Types.sol";
import {VerdictHash} from "./VerdictHash.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IProver} from "./interfaces/IProver.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {Claims} from "./proofs/Claims.sol";
import {Outcome, Predicate} from "./proofs/Predicate.sol";
import {RuleProof} from "./proofs/RuleProof.sol";

/// @notice Checks storage proofs of what a rule fires on, and trips by them.
/// @dev Role: `tripProven` of the registry. Worst use: none but what the rules of a coverage say of true values, which whoever
/// can move those values can bring about. Keeps nothing and holds nothing.
/// @dev The registry takes no rule whose code it has not found pure, and knows each by the hash of all its bytes.
/// @dev Warning: a refund counts on EIP-7623. On a chain without it, it may be more than what was paid for the calldata.
contract Prover is IProver {
    /* CONSTANTS */

    // What a transaction and a token of its calldata cost, and a token at least, whatever is done with it (EIP-7623).
    uint256 private constant BASE_GAS = 21_000;
    uint256 private constant TOKEN_GAS = 4;
    uint256 private constant TOKEN_FLOOR = 10;
    // A byte that is not zero is four tokens, a zero three less. Zero are at most 264 of a header, whose block may have no
    // logs, and one in fifty of what is hashes for the most part. All but the proof is a thousand tokens at least.
    uint256 private constant TOKENS_OF_FIFTY = 4 * 49;
    uint256 private constant HEADER_ZEROS = 3 * 264;
    uint256 private constant CALL_TOKENS = 1_000;

    /* IMMUTABLES */

    /// @inheritdoc IProver
    IRegistry public immutable REGISTRY;
    /// @inheritdoc IProver
    ICommittee public immutable COMMITTEE;

    /* CONSTRUCTOR */

    /// @param registry Names this contract its prover: the address is foretold.
    constructor(IRegistry registry) {
        require(registry.PROVER() == address(this), WiredElsewhere(address(registry)));
        (REGISTRY, COMMITTEE) = (registry, registry.COMMITTEE());
    }

    /* TRIPPING */

    /// @inheritdoc IProver
    function trip(bytes32 id, Rule calldata rule, uint64 height, bytes calldata proof) external returns (uint64 until) {
        uint256 meter = gasleft();
        require(rule.class == Class.A, ClassRefused(rule.class));
        bytes32 ruleId = VerdictHash.ruleId(rule);
        bytes32 anchor = rule.reference_ == Reference.Anchor ? anchorOf(id, ruleId) : bytes32(0);
        (bytes32[] memory values, uint256 provenAt) = RuleProof.prove(rule, height, anchor, proof);
        Outcome outcome = Predicate.outcome(rule, values);
        require(outcome == Outcome.Firing, NotFiring(outcome));
        Verdict memory verdict = verdictOf(id, ruleId, rule, height, values);
        uint256 tokens = tokensOf(rule, proof.length);
        uint256 least = tokens == 0 ? 0 : BASE_GAS + TOKEN_FLOOR * tokens;
        uint256 spent = meter - gasleft() + TOKEN_GAS * tokens;
        // A timestamp of this chain.
        return REGISTRY.tripProven(verdict, uint64(provenAt), msg.sender, spent, least);
    }

    /* INTERNAL */

    function anchorOf(bytes32 id, bytes32 ruleId) private view returns (bytes32 anchor) {
        anchor = REGISTRY.anchor(id, ruleId);
        require(anchor != 0, AnchorUnknown(id, ruleId));
    }

    /// @notice The verdict that a watcher signs who sees the same.
    function verdictOf(
        bytes32 id,
        bytes32 ruleId,
        Rule calldata rule,
        uint64 height,
        bytes32[] memory values
    ) private view returns (Verdict memory) {
        return
            Verdict({
                observedChainId: uint64(block.chainid),
                coverageId: id,
                ruleId: ruleId,
                blockHash: BlockHash.read(height),
                subject: 0,
                height: height,
                epoch: COMMITTEE.epochInForce(height),
                rung: rule.rung,
                life: rule.life,
                claimsRoot: keccak256(abi.encode(values))
            });
    }

    /// @notice Tokens that the calldata of a call by such a proof has at least, never more: no byte of a proof that was taken
    /// is padding. None when a contract calls, which may have paid for less.
    function tokensOf(Rule calldata rule, uint256 length) private view returns (uint256) {
        if (msg.sender != tx.origin || msg.sender.code.length != 0) return 0;
        uint256 tokens = CALL_TOKENS + (TOKENS_OF_FIFTY * length) / 50;
        uint256 zeros = HEADER_ZEROS * Claims.widthOf(rule) * Claims.evaluations(rule);
        return tokens > zeros ? tokens - zeros : 0;
    }
}
