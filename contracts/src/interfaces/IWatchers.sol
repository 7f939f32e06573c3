// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "./ICourt.sol";

/// @notice Stake, keys and addresses of the watchers. An operator is one watcher.
interface IWatchers {
    struct Watcher {
        address submitter;
        /// Timestamp from which the stake can be withdrawn; 0 while the watcher has not asked to leave.
        uint64 exitAt;
        uint32 weight;
        /// Payout, key and what was slashed outlive the stake: what was earned is still paid.
        address payout;
        uint96 slashed;
        /// keccak256 of the 192 raw bytes of the BLS key (x.c0, x.c1, y.c0, y.c1, 48 bytes each).
        bytes32 keyHash;
    }

    /// @notice Durations in seconds and stakes in the token's smallest unit.
    /// @dev exitDelay is at least the other three durations together: nobody in a roster that can still be used leaves.
    struct Settings {
        uint256 minStake;
        uint256 maxStake;
        /// Stake behind one unit of weight; every stake is a whole multiple of it.
        uint256 weightUnit;
        uint64 exitDelay;
        uint64 rosterLife;
        uint64 certificateAge;
        uint64 disputeWindow;
    }

    error SettingsInvalid(Settings settings);
    error TokenWithoutCode(address token);
    /// @dev The token now shows less here than was brought: it takes back, or shrinks balances.
    error TokenShort(uint256 owed, uint256 balance);
    error CourtWithoutCode(address court);
    error NotCourt(address caller);
    error PayoutExceeds(uint256 amount, uint256 forfeited);
    error AlreadyRegistered(address operator);
    error NotRegistered(address operator);
    error StakeOutOfRange(uint256 stake, uint256 min, uint256 max);
    error StakeNotWhole(uint256 stake, uint256 weightUnit);
    error StakeNotReceived(uint256 expected, uint256 received);
    error KeyTaken(bytes32 keyHash);
    error KeyIsInfinity();
    error PossessionUnproven(bytes32 keyHash);
    error AddressIsZero();
    error AlreadyLeaving(address operator, uint64 exitAt);
    error StakeLocked(uint64 exitAt);
    /// @dev Enforce them first.
    error SlashesPending();
    /// @dev Once and for good.
    error OperatorSlashed(address operator);

    event Registered(
        address indexed operator,
        bytes32 indexed keyHash,
        address submitter,
        address payout,
        uint256 stake,
        bytes key
    );
    event KeyRotated(address indexed operator, bytes32 indexed keyHash, bytes32 indexed formerKeyHash, bytes key);
    event SubmitterChanged(address indexed operator, address submitter);
    event PayoutChanged(address indexed operator, address payout);
    event ExitRequested(address indexed operator, uint64 exitAt);
    event Withdrawn(address indexed operator, address payout, uint256 stake);
    event Slashed(address indexed operator, bytes32 indexed keyHash, uint256 taken);
    event Paid(address indexed to, uint256 amount);

    /// @notice Stakes the caller and binds a BLS key by a proof of possession.
    /// @param key G2 point as EIP-2537 takes it: x.c0, x.c1, y.c0, y.c1, 64 bytes each.
    /// @param possession G1 signature of `possessionMessage` under the possession tag.
    function register(
        uint256 stake,
        uint256[8] calldata key,
        uint256[4] calldata possession,
        address submitter,
        address payout
    ) external;

    /// @notice Binds another key, never held before, in place of the caller's; it needs a page, and a seat of the next epoch.
    /// @dev The former one keeps its seats in rosters that are open, and what it signs is the caller's to answer for.
    function rotateKey(uint256[8] calldata key, uint256[4] calldata possession) external;

    function changeSubmitter(address submitter) external;
    function changePayout(address payout) external;

    /// @notice Leaves at the next epoch; the stake stays liable until `exitAt`.
    function requestExit() external;

    /// @notice Sends what is left of the stake to the payout address once `exitAt` has passed and every slash is enforced.
    function withdraw() external;

    /// @notice Takes from the stake behind a key what the offence of one of its seats costs, and makes the watcher leave.
    /// Only the court.
    /// @dev Nothing that a watcher or a token does makes it fail: the list of slashes would stop at it.
    /// @param stake What the seat's roster says.
    function slash(bytes32 keyHash, uint256 stake, bool charged, bool landed) external returns (uint256 taken);

    /// @notice Pays out of what slashes took. Only the court.
    function pay(address to, uint256 amount) external;

    function COURT() external view returns (ICourt);
    function token() external view returns (address);
    function settings() external view returns (Settings memory);
    function watcher(address operator) external view returns (Watcher memory);

    /// @notice Zero when nobody holds the key.
    /// @dev A key that was rotated away stays its watcher's. One whose watcher has withdrawn is never taken again.
    function operatorOfKey(bytes32 keyHash) external view returns (address);

    /// @notice The key that the same operator held before this one, zero for its first.
    function formerKey(bytes32 keyHash) external view returns (bytes32);

    /// @notice What was ever slashed of whoever holds the key or held it.
    function slashedOf(bytes32 keyHash) external view returns (uint256);

    /// @notice All stakes as they are left, and what slashes took that is not paid out: never more than the balance here.
    function owed() external view returns (uint256 staked, uint256 forfeited);

    /// @notice Weight that counts in a roster opened now: 0 for a key rotated away, or once the watcher leaves.
    function activeWeight(bytes32 keyHash) external view returns (uint32);

    function possessionMessage(address operator, bytes32 keyHash) external view returns (bytes32);
}
