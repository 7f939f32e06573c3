// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Class, Phase, Rule, Verdict} from "../Types.sol";
import {IBreakerHub} from "./IBreakerHub.sol";
import {ICommittee} from "./ICommittee.sol";

/// @notice The entry: coverages, their rules, and the verdicts that trip them.
interface IRegistry {
    /// @notice `escrow` pays refunds and is a whole number of gwei; `notBefore` is the height verdicts must exceed.
    struct Coverage {
        address target;
        uint64 notBefore;
        bool retired;
        address owner;
        uint96 escrow;
        /// Running hash of every incident; non-zero from birth.
        bytes32 incidents;
    }

    /// @notice The replay slot of one rule of one coverage.
    struct RuleState {
        /// Height of the last verdict that tripped.
        uint40 lastHeight;
        /// Block in which it was armed: verdicts count from this height on; zero in shadow.
        uint40 armedAt;
        /// Timestamp from which it may be armed.
        uint40 armableAt;
        uint32 life;
        uint8 rung;
        Class class;
        Phase phase;
        /// Blocks that a verdict looks back in all: the earliest counts only after arming and ending, as its own does.
        uint16 reach;
        /// Compares with the block that is named when it is armed.
        bool anchored;
        /// Of its family's hash.
        bytes6 family;
        /// Its last trip, of class B, was signed by no more than two thirds.
        bool thin;
    }

    error CommitteeWithoutCode(address committee);
    error TargetWithoutCode(address target);
    /// @dev Hub or guardian zero: the target did not answer with an address.
    error TargetObeysAnotherHub(address target, address hub);
    error NotGuardian(address caller, address guardian);
    error NotOwner(address caller, address owner);
    error TargetAlreadyCovered(address target, bytes32 coverageId);
    error RuleCount(uint256 count, uint256 max);
    error RuleDuplicate(bytes32 ruleId);
    error RuleDelayTooLong(uint256 delay, uint256 max);
    /// @dev The former ids, in the order in which they were named.
    error RulesMismatch(bytes32 coverageId, bytes32 claimed, bytes32 found);
    error SentinelCount(uint256 count, uint256 max);
    error RulesGas(uint256 gas, uint256 max);
    error RuleInvalid(uint256 index, string field);
    error CodeHashMismatch(address code, bytes32 expected, bytes32 found);
    error PredicateImpure(address code, uint256 offset, uint8 opcode);
    error PredicateSize(address code, uint256 size, uint256 max);
    error SentinelImpure(address code, uint256 offset, uint8 opcode);
    error SentinelSize(address code, uint256 size, uint256 max);
    error ManifestLength(uint256 length, uint256 max);
    error CoverageUnknown(bytes32 coverageId);
    error CoverageRetired(bytes32 coverageId);
    error RuleUnknown(bytes32 ruleId);
    error RuleInPhase(bytes32 ruleId, Phase phase);
    error RuleTooYoung(bytes32 ruleId, uint40 armableAt);
    /// @dev An anchored rule takes one of the last 64 blocks, any other neither height nor hash.
    error AnchorMismatch(uint64 height, bytes32 claimed, bytes32 canonical);
    error RuleNotArmed(bytes32 ruleId, Phase phase);
    error ObservedChainUnsupported(uint64 chainId);
    error SubjectUnsupported(bytes32 subject);
    error RungRefused(uint8 rung, uint8 max);
    error LifeMismatch(uint32 life, uint32 expected);
    error VerdictFuture(uint64 height, uint256 current);
    error VerdictTooOld(uint64 height, uint256 oldest);
    error BlockHashMismatch(uint64 height, bytes32 claimed, bytes32 canonical);
    error VerdictStale(uint64 height, uint64 mustExceed);
    error VerdictBeforeArming(uint64 height, uint64 armedAt);
    error RosterNotInForce(uint64 epoch, uint64 height);
    error RosterExpired(uint64 epoch, uint64 validUntil);
    error RosterTooThin(uint64 epoch, uint8 rung, uint8 maxRung);
    error QuorumMissed(uint256 signed, uint256 total, uint8 rung);
    error NotCourt(address caller);
    error NotProver(address caller);
    /// @dev An event that costs nothing could fill a block.
    error AmountIsZero();
    error CoverageLive(bytes32 coverageId);
    error EscrowShort(uint256 asked, uint256 escrow);
    error EscrowNotWhole(uint256 amount, uint256 unit);
    error EscrowFull(uint256 escrow, uint256 amount);
    error PaymentFailed(address to, uint256 amount);
    error Reentered();

    event Covered(
        bytes32 indexed coverageId,
        address indexed target,
        address indexed owner,
        uint256 nonce,
        bytes32[] ruleIds,
        bytes manifest
    );
    event Amended(bytes32 indexed coverageId, bytes32[] ruleIds, bytes manifest);
    event Armed(
        bytes32 indexed coverageId,
        bytes32 indexed ruleId,
        uint64 armedAt,
        uint64 anchorHeight,
        bytes32 anchorHash
    );
    event Disarmed(bytes32 indexed coverageId, bytes32 indexed ruleId);
    event Retired(bytes32 indexed coverageId);
    event Funded(bytes32 indexed coverageId, uint256 amount);
    event Defunded(bytes32 indexed coverageId, uint256 amount);
    /// @dev `rung` is the one in force until `end`, which may be higher than the verdict's. Of a trip by proof nobody's weight
    /// is behind it: `signed` and `total` are zero, and the first word of `signers` is the prover, who submits.
    event Incident(
        bytes32 indexed coverageId,
        bytes32 indexed digest,
        Verdict verdict,
        uint256[2] signers,
        uint256 signed,
        uint256 total,
        uint8 rung,
        uint64 end,
        address submitter,
        uint256 refund
    );
    /// @dev `failure` is the hub's error: `TripFailed` or `TripHadNoEffect`.
    event TargetFailed(
        bytes32 indexed coverageId,
        bytes32 indexed ruleId,
        bytes32 indexed digest,
        address submitter,
        uint256 refund,
        bytes failure
    );
    event Ended(bytes32 indexed coverageId, uint64 notBefore);
    event Released(bytes32 indexed coverageId, uint8 rung, address caller, uint256 refund);
    event Struck(uint64 indexed epoch, uint256[2] seats);

    /// @notice Registers coverage of `target`; every rule starts in shadow. Only the target's guardian.
    /// @dev The coverage of a former guardian, who can do no more with it, is retired; its escrow stays that owner's. The
    /// target is tripped and released within the call, at each rung that the rules may reach.
    /// @param manifest Canonical JSON (RFC 8785) that names the same rules; kept in the event only.
    function cover(address target, Rule[] calldata rules, bytes calldata manifest) external payable returns (bytes32);

    /// @notice Gives a coverage other rules, with nothing in force at its target. Rules named before and now stay as they
    /// are, new ones start in shadow, others are forgotten. Only the coverage's owner.
    /// @dev The target is rehearsed as `cover` does it.
    /// @param formerIds Ids of its rules so far, as the last `Covered` or `Amended` tells them.
    function amend(
        bytes32 coverageId,
        bytes32[] calldata formerIds,
        Rule[] calldata rules,
        bytes calldata manifest
    ) external;

    /// @notice Lets a shadow rule trip from this block on, `RULE_DELAY` seconds after it was named at the soonest. Only the coverage's owner, while it is
    /// the target's guardian, as for all that follows but `fund` and `defund`.
    /// @param anchorHeight Block whose values an anchored rule compares with, one of the last 64: named by whoever
    /// looked at them, so that nobody can slip in another, and recent enough for every watcher to prove them. Zero, like its hash, for any other rule.
    function arm(bytes32 coverageId, bytes32 ruleId, uint64 anchorHeight, bytes32 anchorHash) external;

    /// @notice Puts an armed rule back into shadow and forgets its anchor. Only the coverage's owner.
    function disarm(bytes32 coverageId, bytes32 ruleId) external;

    /// @notice Ends the coverage for good and releases its target. Only the coverage's owner.
    function retire(bytes32 coverageId) external;

    function fund(bytes32 coverageId) external payable;

    /// @notice Takes escrow of a retired coverage back. Only its owner.
    function defund(bytes32 coverageId, uint96 amount) external;

    /// @notice Trips the breaker of the verdict's coverage.
    /// @dev Permissionless: the certificate is the authority, never the caller. When the target itself fails, the verdict
    /// is not spent; once in 32 blocks the call is then refunded at the base fee instead of reverted, for an account without
    /// code that starts the transaction.
    /// @return end timestamp at which the trip expires; zero when the target failed.
    function submit(Verdict calldata verdict, Certificate calldata certificate) external returns (uint64 end);

    /// @notice Trips the breaker of the verdict's coverage by proof: no roster is asked for. Only the prover.
    /// @dev That the verdict is true, and its rule of class A, is for the caller to know; block, rule and replay slot are
    /// looked at as `submit` does. Reverts where the target fails, and nothing is paid then.
    /// @param provenAt Timestamp of the verdict's block.
    /// @param prover Is refunded.
    /// @param spent Gas to refund of what came before this call.
    /// @param least Gas that the transaction costs whatever it does: refunded where that is more.
    /// @return end timestamp at which the trip expires.
    function tripProven(
        Verdict calldata verdict,
        uint64 provenAt,
        address prover,
        uint256 spent,
        uint256 least
    ) external returns (uint64 end);

    /// @notice Ends every trip of the coverage now; earlier blocks can no longer trip it. Only the coverage's owner.
    function end(bytes32 coverageId) external;

    /// @notice Puts back what an expired trip of `rung` changed at the target, though other rungs are in force. Anyone.
    /// @dev Refunded from a live coverage's escrow, and only when something was really put back.
    function release(bytes32 coverageId, uint8 rung) external;

    /// @notice Bars seats from certificates of `epoch`. Only the court.
    function strike(uint64 epoch, uint256[2] calldata seats) external;

    /// @notice Ends a stop that a proven lie began and nothing has prolonged; leaves any other. Only the court.
    /// @return lifted whether it was such a stop.
    function lift(bytes32 coverageId, uint8 rung, uint64 trippedAt, uint64 end) external returns (bool lifted);

    function COMMITTEE() external view returns (ICommittee);
    function HUB() external view returns (IBreakerHub);
    function COURT() external view returns (address);
    function PROVER() external view returns (address);
    /// @notice Seconds from naming a rule until it may be armed.
    function RULE_DELAY() external view returns (uint256);
    function coverage(bytes32 coverageId) external view returns (Coverage memory);
    function coverageOf(address target) external view returns (bytes32);
    function ruleState(bytes32 coverageId, bytes32 ruleId) external view returns (RuleState memory);

    /// @notice keccak256 of the ids of a coverage's rules one after the other, in the order in which they were named.
    function rulesHash(bytes32 coverageId) external view returns (bytes32);

    /// @notice Hash of the block whose values an anchored rule compares with; zero until armed.
    function anchor(bytes32 coverageId, bytes32 ruleId) external view returns (bytes32);

    /// @notice Block in which the target last failed at its owner's expense, zero when it never did.
    function failedAt(bytes32 coverageId) external view returns (uint256);

    function struck(uint64 epoch) external view returns (uint256[2] memory);
    function digest(Verdict calldata verdict) external view returns (bytes32);
    function keyDigest(Verdict calldata verdict) external view returns (bytes32);
}
