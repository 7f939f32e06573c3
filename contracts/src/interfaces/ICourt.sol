// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICommittee} from "./ICommittee.sol";
import {IJudge} from "./IJudge.sol";
import {IPremiums} from "./IPremiums.sol";
import {IRegistry} from "./IRegistry.sol";
import {IWatchers} from "./IWatchers.sol";

/// @notice Takes evidence, strikes who it convicts, and slashes them in the order in which they were convicted.
interface ICourt {
    struct Slash {
        uint64 epoch;
        /// What was signed tripped a coverage: it costs all of the stake.
        bool landed;
        address challenger;
        /// Seats of the epoch's roster that no former slash has charged as much.
        uint256[2] seats;
    }

    /// @notice What is kept of a slash.
    struct Filing {
        /// Block of its `Upheld`, which tells the rest.
        uint64 height;
        /// Of keccak256(abi.encode(slash)).
        bytes24 hash;
    }

    /// @notice What slashes of an epoch's landed lies hold for the coverages that those tripped, and what is due to all that
    /// have not been compensated.
    struct Pool {
        uint128 held;
        uint128 due;
        /// No more is added to either.
        bool closed;
    }

    /// @notice What one coverage lost by the landed lies of an epoch; one word.
    /// @dev No second is counted twice, in whatever order stops are redressed: of each only what lies before `since` or after
    /// `until`. So one that lies between two others, and is redressed after both, is not counted.
    struct Loss {
        /// Seconds, six hours at most.
        uint32 stopped;
        /// Timestamps of the first and the last of what was counted.
        uint48 since;
        uint48 until;
        /// Until it is compensated.
        uint128 due;
    }

    /// @dev A contract that this one stands on names another court, or one another.
    error WiredElsewhere(address part);
    error JudgeWithoutCode(address judge);
    error KindUnknown(uint256 kind, uint256 kinds);
    error CommitmentUnknown(bytes32 commitment);
    /// @dev Revealed in the block of the commitment, or more than 256 blocks after it.
    error RevealOutOfTime(uint256 committedAt, uint256 current);
    /// @dev The judge could not read it.
    error EvidenceMalformed(uint256 kind);
    error EpochUnknown(uint64 epoch);
    error EvidenceExpired(uint64 epoch, uint256 deadline);
    /// @dev Each offender has been charged as much for this epoch.
    error EvidenceSpent(uint64 epoch);
    /// @dev Slashes are enforced one after the other.
    error NotNext(uint256 slashId);
    error SlashUnknown(uint256 slashId);
    error CountIsZero();
    error NothingOwed(address account);
    error SeatNotSlashed(uint64 epoch, uint256 seat);
    error NobodyBarred(uint64 epoch);
    /// @dev The lie tripped nothing.
    error NothingStopped(uint64 epoch);
    error RedressSpent(bytes32 coverageId, uint8 rung, uint64 trippedAt);
    /// @dev In the block that made it.
    error RedressTooSoon(bytes32 coverageId, uint8 rung, uint64 trippedAt);
    /// @dev Another verdict is behind the stop too.
    error StopRuns(bytes32 coverageId, uint8 rung, uint64 end);
    error EpochOpen(uint64 epoch, uint256 deadline);
    error PoolClosed(uint64 epoch);
    /// @dev Enforce them first.
    error SlashesPending();

    event Committed(address indexed challenger, bytes32 commitment);
    event Upheld(
        uint256 indexed slashId,
        address indexed challenger,
        uint64 indexed epoch,
        uint256 kind,
        bool landed,
        uint256[2] seats
    );
    event Enforced(uint256 indexed slashId, uint256 nextSeat, uint256 taken, uint256 reward);
    event Rewarded(address indexed challenger, uint256 amount);
    event Burnt(uint256 amount);
    event Redressed(bytes32 indexed coverageId, uint64 indexed epoch, uint8 rung, uint64 trippedAt, uint256 due);
    event Closed(uint64 indexed epoch, uint256 held, uint256 left);
    event Compensated(bytes32 indexed coverageId, uint64 indexed epoch, address indexed owner, uint256 amount);
    event Barred(uint64 indexed epoch, uint256[2] seats);

    /// @notice Announces evidence without showing it, so that nobody can copy it and be first.
    /// @param commitment `commitmentOf` the caller's evidence.
    function commit(bytes32 commitment) external;

    /// @notice Shows evidence that the caller committed to 1 to 256 blocks ago; whom it convicts is struck at once.
    /// @dev Taken before `deadlineOf` its epoch: until then nobody seated in it can have withdrawn.
    /// @param kind Index of the judge.
    function reveal(uint256 kind, bytes calldata evidence, bytes32 salt) external returns (uint256 slashId);

    /// @notice Ends the trip that a lie has made, and enters its coverage for compensation. Anyone, with evidence that
    /// `reveal` takes; nobody need have been convicted by it yet.
    /// @dev Each trip once, before `deadlineOf` its epoch. What is due grows with the seconds stopped so far, up to when the
    /// owner ended it, each worth the premium of the weeks before its trip.
    function redress(uint256 kind, bytes calldata evidence) external;

    /// @notice Charges the seats of a slash from `cursor` on, looking at `count` of them at most. Anyone.
    /// @dev Goes on from wherever others have left it: nobody who takes a few is in the way of who takes the rest.
    /// @dev Calls no token: none can keep a slash from being enforced, nor anybody's withdrawal behind it.
    /// @param slash As `Upheld` tells it: only its hash is kept.
    function enforce(uint256 slashId, Slash calldata slash, uint256 count) external;

    /// @notice Strikes in another epoch the seats of watchers who have been slashed, under whatever key. Anyone.
    /// @dev A lie in the last block of an epoch would else leave its author a seat in a roster opened already. While the
    /// roster is valid: later it keeps nobody from anything, but would take back premiums that compensation was reckoned by.
    function bar(uint64 epoch, uint256[2] calldata seats) external;

    /// @notice Sends a challenger its rewards. Anyone.
    function reward(address challenger) external;

    /// @notice Burns what slashes took and nobody is owed. Anyone.
    function burn() external;

    /// @notice Fixes what an epoch's slashes compensate, once no more can be filed and all are enforced; the rest burns. Anyone.
    function close(uint64 epoch) external;

    /// @notice Sends the owner of a coverage what a closed epoch owes it, in proportion where there is less than is due. Anyone.
    function compensate(uint64 epoch, bytes32 coverageId) external;

    function REGISTRY() external view returns (IRegistry);
    function PREMIUMS() external view returns (IPremiums);
    function COMMITTEE() external view returns (ICommittee);
    function WATCHERS() external view returns (IWatchers);
    function judges() external view returns (IJudge[] memory);
    function commitmentOf(
        address challenger,
        uint256 kind,
        bytes calldata evidence,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice Block of a commitment; zero when there is none, or it was revealed.
    function committedAt(address challenger, bytes32 commitment) external view returns (uint256);

    /// @notice Timestamp from which evidence of an epoch is refused; zero when it has no roster.
    function deadlineOf(uint64 epoch) external view returns (uint256);
    function slashCount() external view returns (uint256);

    /// @notice Zero when there is none.
    function slashAt(uint256 slashId) external view returns (Filing memory);

    /// @notice The slash and the seat that are to be enforced next.
    function cursor() external view returns (uint256 slashId, uint256 seat);

    /// @notice Whether every slash has been enforced.
    function isSettled() external view returns (bool);

    /// @notice Seats charged for an epoch: with a twentieth of their stake, and with all of it.
    function charged(uint64 epoch) external view returns (uint256[2] memory proven, uint256[2] memory landed);
    function rewardOf(address challenger) external view returns (uint256);
    function poolOf(uint64 epoch) external view returns (Pool memory);
    function isRedressed(bytes32 coverageId, uint8 rung, uint64 trippedAt, uint64 end) external view returns (bool);
    function lossOf(uint64 epoch, bytes32 coverageId) external view returns (Loss memory);
    function unburnt() external view returns (uint256);
}
