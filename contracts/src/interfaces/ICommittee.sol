// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWatchers} from "./IWatchers.sol";

/// @notice Key pages and the roster of each epoch, both written as contract code by this contract from its own state.
interface ICommittee {
    /// @notice What the chain knows of one epoch's roster; one storage slot.
    struct Roster {
        /// Block in which it was opened; in force from the next block on.
        uint64 openedAt;
        /// Last block it is in force for; 0 while it is the newest.
        uint64 supersededAt;
        /// Timestamp after which nothing is accepted from it.
        uint64 validUntil;
        /// Creation nonce of the contract that holds it.
        uint32 nonce;
        uint16 seats;
        /// 3, or 1 when it has fewer than four seats or one seat holds a third.
        uint8 maxRung;
    }

    error WatchersWithoutCode(address watchers);
    error EpochLengthIsZero();
    error PageEmpty();
    error PageLength(uint256 length);
    /// @dev No watcher who stays holds the key.
    error KeyUnknown(bytes32 keyHash);
    error KeyAlreadyPaged(bytes32 keyHash);
    /// @dev So many members have to be displaced, and fewer are named.
    error CommitteeFull(uint256 needed, uint256 displaced);
    error KeyUnpaged(bytes32 keyHash);
    error AlreadyMember(bytes32 keyHash);
    error MemberUnknown(uint256 index);
    error MemberNotLighter(bytes32 keyHash, uint32 weight, uint32 newWeight);
    /// @dev By its seat in the latest roster, or by its stake when it has joined since.
    error MemberNotLightest(bytes32 lighter, uint32 weight);
    /// @dev Finish it first, by `openEpoch`.
    error OpeningUnderWay(uint64 epoch);
    error EpochAlreadyOpen(uint64 epoch);
    /// @dev The latest epoch was opened at `openedAt`, not yet more than 32 blocks ago.
    error EpochTooSoon(uint64 openedAt);
    error NobodySeated(uint64 epoch);
    error TooManyContracts(uint256 nonce);
    error ContractNotCreated(uint256 nonce);

    event PageWritten(uint32 indexed nonce, bytes32[] keyHashes);
    event Rejoined(bytes32[] keyHashes);
    event Displaced(bytes32 indexed keyHash, bytes32 indexed by);
    /// @notice So many seats are known, of so many members.
    event EpochStepped(uint64 indexed epoch, uint16 seats, uint16 members);
    event EpochOpened(uint64 indexed epoch, uint32 nonce, uint16 seats, uint64 totalWeight, uint8 maxRung);

    /// @notice Writes registered keys, 192 raw bytes each, up to 127, into one page and makes members of them: each gets a
    /// seat from the next epoch.
    /// @param displaced Indices of members who make room when there are 512: the lightest there are or such as have
    /// left, each lighter than the key that takes its place, in this order. Those not needed are ignored.
    function writePage(bytes calldata keys, uint16[] calldata displaced) external;

    /// @notice Makes members again of keys that have a page: of watchers who stay and were displaced.
    function rejoin(bytes32[] calldata keyHashes, uint16[] calldata displaced) external;

    /// @notice Computes the roster of the current epoch from stakes and pages. Anyone, once an epoch.
    /// @dev More than 32 blocks after the one before: no certificate young enough to count is about an older roster.
    /// @dev Looks at 128 members a call. An opening that is not finished within 32 blocks, and within its epoch, is void.
    /// @return epoch The current epoch.
    /// @return opened Whether that was the last step: call again until it is.
    function openEpoch() external returns (uint64 epoch, bool opened);

    function WATCHERS() external view returns (IWatchers);

    /// @notice Timestamp at which the first epoch starts.
    function GENESIS() external view returns (uint64);

    /// @notice Seconds an epoch lasts.
    function EPOCH_LENGTH() external view returns (uint64);

    /// @notice Epoch of a timestamp: (timestamp - genesis) / length, plus one, so that 0 means none.
    function epochAt(uint64 timestamp) external view returns (uint64);

    function latestEpoch() external view returns (uint64);

    /// @notice The epoch opened before the latest, 0 when none.
    function previousEpoch() external view returns (uint64);

    function roster(uint64 epoch) external view returns (Roster memory);

    /// @notice Address of the contract with this creation nonce: a page or a roster.
    function blob(uint32 nonce) external view returns (address);

    /// @notice How many members there are: opening an epoch drops who has left.
    function memberCount() external view returns (uint256);

    /// @notice The members, and the weight each would have in a roster opened now.
    function members() external view returns (bytes32[] memory keyHashes, uint32[] memory weights);

    /// @notice The opening under way: its epoch, the block of its first step, and the seats so far. Zeros when none is.
    function opening() external view returns (uint64 epoch, uint64 begun, uint16 seats);

    /// @notice Creation nonce of the page that holds the key, zero when none does, how many keys come before it there, and
    /// whether it is a member.
    function seatOf(bytes32 keyHash) external view returns (uint24 page, uint8 place, bool member);

    /// @notice Epoch whose roster is in force at `height`, 0 when none.
    /// @dev Looks only at the two newest rosters, which is enough for heights at most 32 blocks old; 0 for heights at or
    /// before the opening of the older.
    function epochInForce(uint64 height) external view returns (uint64);
}
