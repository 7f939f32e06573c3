// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate, Class, Incident, Rule, Verdict} from "../Types.sol";
import {IIncidentBook} from "./IIncidentBook.sol";
import {ILedger} from "./ILedger.sol";

/// @notice Bounties of incidents, and what their coverages' arbiters say of those that rest on opinion.
interface IBounties is ILedger {
    enum State {
        None,
        Open,
        Disputed,
        /// It was no incident: nobody is paid.
        Upheld,
        /// It was one: its signers are paid the bond too.
        Dismissed,
        /// The arbiter was silent: its signers are paid, and the bond goes back.
        Lapsed
    }

    /// @notice What is known of an entry; two words.
    struct Bounty {
        uint64 epoch;
        /// Block from which signers are added for 32: the verdict's, or of a trip by proof the one before its booking.
        uint48 since;
        /// Timestamp from which it is settled, undisputed; of a disputed one, from which the arbiter is silent.
        uint48 until;
        /// Weight of its seats.
        uint48 signed;
        Class class;
        State state;
        uint96 rate;
        address arbiter;
    }

    /// @notice A bond is as much as the bounty that is disputed.
    struct Dispute {
        address disputer;
        uint96 bond;
    }

    /// @dev It remembers the incidents of another registry.
    error BookOfAnother(address incidentBook);
    error DurationsInvalid(uint256 window, uint256 ruling, uint256 max);
    /// @dev The incident is of another verdict.
    error DigestMismatch(bytes32 expected, bytes32 found);
    error RuleMismatch(bytes32 expected, bytes32 found);
    error TrailTooLong(uint256 length, uint256 max);
    /// @dev Neither booked nor what the registry now keeps of the coverage.
    error IncidentsUnknown(bytes32 coverageId, bytes32 incidents);
    error IncidentSpent(bytes32 coverageId, bytes32 incidents);
    /// @dev A bounty of this rung was paid for an incident less than six hours before or after it.
    error PaidLately(bytes32 coverageId, uint8 rung, uint64 trippedAt);
    error IncidentUnbooked(bytes32 coverageId, bytes32 incidents);
    /// @dev None was promised for the height, or the deposit is empty.
    error NoBounty(bytes32 coverageId, uint64 height);
    error BountyInState(uint256 entry, State state);
    /// @dev What class A says is for the court, by proof.
    error NotDisputable(uint256 entry, Class class);
    error ArbiterUnnamed(uint256 entry);
    error OutOfTime(uint256 entry, uint256 until);
    error NotArbiter(address caller, address arbiter);
    error StillInTime(uint256 entry, uint256 until);
    error NoCredit(address account);

    event IncidentBooked(
        bytes32 indexed coverageId,
        bytes32 indexed incidents,
        uint256 entry,
        uint96 rate,
        uint256 owed,
        uint48 until,
        address arbiter
    );
    /// @dev Whoever trips by proof has a tenth of the bounty at once.
    event ProverCredited(bytes32 indexed coverageId, bytes32 indexed incidents, address indexed prover, uint256 amount);
    event SignersAdded(bytes32 indexed coverageId, uint256 indexed entry, uint256[2] seats, uint256 owed);
    event Disputed(
        bytes32 indexed coverageId,
        uint256 indexed entry,
        address indexed disputer,
        uint256 bond,
        uint48 until
    );
    /// @dev `paidBy` is the entry by which the signers are paid the bond, when it was dismissed.
    event Decided(bytes32 indexed coverageId, uint256 indexed entry, bool upheld, uint256 paidBy);
    event DisputeLapsed(bytes32 indexed coverageId, uint256 indexed entry);
    event Collected(address indexed account, uint256 amount);

    /// @notice Books what an incident's signers or its prover are owed. Anyone, each once; of each rung one in six hours,
    /// whichever is booked first.
    /// @dev Of a trip by proof nobody has signed yet as far as this knows: those who have are added.
    /// @param previous The running hash before it.
    /// @param trail Those that have followed it, up to one whose running hash is known.
    /// @param rule The verdict's.
    function bookIncident(
        Verdict calldata verdict,
        bytes32 previous,
        Incident calldata incident,
        Incident[] calldata trail,
        Rule calldata rule
    ) external;

    /// @notice Adds signers that the certificate which tripped has left out. Anyone, until 32 blocks after the verdict's; of a
    /// trip by proof, in the block of its booking and 31 more.
    function addSigners(
        Verdict calldata verdict,
        bytes32 previous,
        Incident calldata incident,
        Certificate calldata certificate
    ) external;

    /// @notice Disputes an incident of class B or C that is not settled yet, with a bond as large as what it owes. Anyone.
    function dispute(bytes32 coverageId, uint256 entry) external;

    /// @notice Says whether a dispute is right. Only the arbiter that the terms of the incident's height named.
    function decide(bytes32 coverageId, uint256 entry, bool upheld) external;

    /// @notice Gives the bond back where the arbiter was silent. Anyone.
    function lapse(bytes32 coverageId, uint256 entry) external;

    /// @notice Sends an account its credit: bonds that came back, and bounties of provers. Anyone.
    function collect(address account) external;

    function BOOK() external view returns (IIncidentBook);

    /// @notice Seconds from booking an incident until it is settled: for disputes by opinion and for proofs.
    function WINDOW() external view returns (uint48);

    /// @notice Seconds more that the arbiter of a disputed one has.
    function RULING() external view returns (uint48);

    /// @notice Timestamp of the incident that is paid instead of one that tripped a rung then: less than six hours before or
    /// after it. Zero when there is none.
    function paidNear(bytes32 coverageId, uint8 rung, uint64 trippedAt) external view returns (uint64);

    /// @notice The entry of an incident, plus one; zero when it is not booked.
    function entryOf(bytes32 incidents) external view returns (uint256);
    function bountyOf(bytes32 coverageId, uint256 entry) external view returns (Bounty memory);
    function disputeOf(bytes32 coverageId, uint256 entry) external view returns (Dispute memory);
    function creditOf(address account) external view returns (uint256);
}
