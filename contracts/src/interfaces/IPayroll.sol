// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RollCall} from "../RollCall.sol";
import {Certificate, Verdict} from "../Types.sol";
import {Outcome} from "../proofs/Predicate.sol";
import {ILedger} from "./ILedger.sol";
import {IPremiums} from "./IPremiums.sol";

/// @notice Roll calls: who of a coverage's watchers was there, and the premium that they are paid for it.
interface IPayroll is ILedger, IPremiums {
    /// @notice What is known of a roll call; one word.
    struct Call {
        uint64 epoch;
        uint48 height;
        uint48 bookedAt;
        /// Weight of the seats that signed it, and of all seats.
        uint48 signed;
        uint48 total;
    }

    error PeriodIsZero();
    error NotRollCall(bytes32 ruleId, bytes32 subject, uint8 rung, uint32 life);
    error RollCallNotDue(bytes32 coverageId, bytes32 blockHash);
    /// @dev The claims root is of other leaves than those of the rules that were armed.
    error LeavesMismatch(bytes32 claimed, bytes32 found);
    /// @dev One of a later height is booked.
    error RollCallStale(uint64 height, uint64 last);

    /// @dev `leaves` and `certificate` are what the judge of false silence takes of who lied; `seats` are those that it adds,
    /// `signed` is the weight of all so far.
    event RollCallBooked(
        bytes32 indexed coverageId,
        uint256 entry,
        Verdict verdict,
        RollCall.Leaf[] leaves,
        Certificate certificate,
        uint256[2] seats,
        uint256 signed,
        uint256 total,
        uint96 rate,
        address booker,
        uint256 fee
    );

    /// @notice Books a roll call's signers; another certificate of the same height adds those who are not in it yet. Anyone,
    /// for that part of the fee which the weight it adds is of all.
    /// @dev Counts as a premium once more than half of the weight has signed it. No quorum is asked, and whether what the roll
    /// call says is so is not looked at: it is told to all, and who signs what is not so answers for it with stake. Of one
    /// height until 32 blocks have passed or a later one is booked; nobody can claim it before. Once a rule of it is armed no
    /// longer, or armed anew, it cannot be booked.
    /// @param ruleIds Of all rules of the coverage, in the order in which it names them.
    /// @param states Of those that were armed at the verdict's height, in that order.
    function bookRollCall(
        Verdict calldata verdict,
        bytes32[] calldata ruleIds,
        Outcome[] calldata states,
        Certificate calldata certificate
    ) external returns (uint256 fee);

    /// @notice Blocks from one roll call of a coverage to the next, on average.
    function PERIOD() external view returns (uint256);

    /// @notice Weight behind the latest roll call, that of all seats of its roster, and its age in blocks; zeros when none
    /// was ever booked.
    /// @dev Warning: tells of live keys with stake behind them, neither that each of them watches by itself nor what they
    /// say. While it is young more may be added.
    function attestedStake(bytes32 coverageId) external view returns (uint256 signed, uint256 total, uint256 age);

    function callOf(bytes32 coverageId, uint256 entry) external view returns (Call memory);
}
