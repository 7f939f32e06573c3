// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Stake, keys and addresses of the watchers. An operator is one watcher.
interface IWatchers {
    struct Watcher {
        address submitter;
        /// Timestamp from which the stake can be withdrawn; 0 while the watcher has not asked to leave.
        uint64 exitAt;
        uint32 weight;
        address payout;
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

    event Registered(
        address indexed operator,
        bytes32 indexed keyHash,
        address submitter,
        address payout,
        uint256 stake,
        bytes key
    );
    event SubmitterChanged(address indexed operator, address submitter);
    event PayoutChanged(address indexed operator, address payout);
    event ExitRequested(address indexed operator, uint64 exitAt);
    event Withdrawn(address indexed operator, address payout, uint256 stake);

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

    function changeSubmitter(address submitter) external;
    function changePayout(address payout) external;

    /// @notice Leaves at the next epoch; the stake stays liable until `exitAt`.
    function requestExit() external;

    /// @notice Sends the stake to the payout address once `exitAt` has passed.
    function withdraw() external;

    function token() external view returns (address);
    function settings() external view returns (Settings memory);
    function watcher(address operator) external view returns (Watcher memory);

    /// @notice Zero when nobody holds the key.
    /// @dev A key whose watcher has withdrawn is never taken again.
    function operatorOfKey(bytes32 keyHash) external view returns (address);

    /// @notice Weight that counts in a roster opened now: 0 once the watcher leaves.
    function activeWeight(bytes32 keyHash) external view returns (uint32);

    function possessionMessage(address operator, bytes32 keyHash) external view returns (bytes32);
}
