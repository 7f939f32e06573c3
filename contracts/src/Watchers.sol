// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Bls} from "./bls/Bls.sol";
import {HashToG1} from "./bls/HashToG1.sol";
import {IWatchers} from "./interfaces/IWatchers.sol";

/// @notice Stake, keys and addresses of the watchers.
contract Watchers is IWatchers, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Holds the keys of watchers who have withdrawn: a key serves one watcher, once.
    address private constant RETIRED = address(1);

    /* IMMUTABLES */

    IERC20 private immutable TOKEN;
    uint256 private immutable MIN_STAKE;
    uint256 private immutable MAX_STAKE;
    uint256 private immutable WEIGHT_UNIT;
    uint64 private immutable EXIT_DELAY;
    uint64 private immutable ROSTER_LIFE;
    uint64 private immutable CERTIFICATE_AGE;
    uint64 private immutable DISPUTE_WINDOW;

    /* STORAGE */

    mapping(address operator => Watcher) private watchers;
    mapping(bytes32 keyHash => address operator) private holders;

    /* CONSTRUCTOR */

    constructor(IERC20 token_, Settings memory s) {
        require(address(token_).code.length != 0, TokenWithoutCode(address(token_)));
        bool stakesValid =
            s.weightUnit != 0 &&
                s.minStake != 0 &&
                s.minStake <= s.maxStake &&
                s.maxStake / s.weightUnit <= type(uint32).max;
        bool durationsValid =
            s.rosterLife != 0 &&
                s.certificateAge != 0 &&
                s.disputeWindow != 0 &&
                uint256(s.exitDelay) >= uint256(s.rosterLife) + s.certificateAge + s.disputeWindow;
        require(stakesValid && durationsValid, SettingsInvalid(s));
        Bls.requirePrecompiles();
        TOKEN = token_;
        MIN_STAKE = s.minStake;
        MAX_STAKE = s.maxStake;
        WEIGHT_UNIT = s.weightUnit;
        EXIT_DELAY = s.exitDelay;
        ROSTER_LIFE = s.rosterLife;
        CERTIFICATE_AGE = s.certificateAge;
        DISPUTE_WINDOW = s.disputeWindow;
    }

    /* JOINING */

    /// @inheritdoc IWatchers
    function register(
        uint256 stake,
        uint256[8] calldata key,
        uint256[4] calldata possession,
        address submitter,
        address payout
    ) external nonReentrant {
        require(watchers[msg.sender].weight == 0, AlreadyRegistered(msg.sender));
        require(stake >= MIN_STAKE && stake <= MAX_STAKE, StakeOutOfRange(stake, MIN_STAKE, MAX_STAKE));
        require(stake % WEIGHT_UNIT == 0, StakeNotWhole(stake, WEIGHT_UNIT));
        require(submitter != address(0) && payout != address(0), AddressIsZero());
        bytes memory raw = rawKey(key);
        bytes32 keyHash = keccak256(raw);
        require(holders[keyHash] == address(0), KeyTaken(keyHash));
        requirePossession(key, possession, keyHash);

        // At most type(uint32).max: checked for the largest stake at construction.
        watchers[msg.sender] = Watcher(submitter, 0, uint32(stake / WEIGHT_UNIT), payout, keyHash);
        holders[keyHash] = msg.sender;
        emit Registered(msg.sender, keyHash, submitter, payout, stake, raw);

        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), stake);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        require(received == stake, StakeNotReceived(stake, received));
    }

    /* ADDRESSES */

    /// @inheritdoc IWatchers
    function changeSubmitter(address submitter) external {
        Watcher storage self = registered();
        require(submitter != address(0), AddressIsZero());
        self.submitter = submitter;
        emit SubmitterChanged(msg.sender, submitter);
    }

    /// @inheritdoc IWatchers
    function changePayout(address payout) external {
        Watcher storage self = registered();
        require(payout != address(0), AddressIsZero());
        self.payout = payout;
        emit PayoutChanged(msg.sender, payout);
    }

    /* LEAVING */

    /// @inheritdoc IWatchers
    function requestExit() external {
        Watcher storage self = registered();
        require(self.exitAt == 0, AlreadyLeaving(msg.sender, self.exitAt));
        uint64 exitAt = uint64(block.timestamp) + EXIT_DELAY;
        self.exitAt = exitAt;
        emit ExitRequested(msg.sender, exitAt);
    }

    /// @inheritdoc IWatchers
    function withdraw() external nonReentrant {
        Watcher memory self = registered();
        require(self.exitAt != 0 && block.timestamp >= self.exitAt, StakeLocked(self.exitAt));
        uint256 stake = self.weight * WEIGHT_UNIT;
        delete watchers[msg.sender];
        holders[self.keyHash] = RETIRED;
        emit Withdrawn(msg.sender, self.payout, stake);
        TOKEN.safeTransfer(self.payout, stake);
    }

    /* VIEWS */

    /// @inheritdoc IWatchers
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /// @inheritdoc IWatchers
    function settings() external view returns (Settings memory) {
        return Settings(MIN_STAKE, MAX_STAKE, WEIGHT_UNIT, EXIT_DELAY, ROSTER_LIFE, CERTIFICATE_AGE, DISPUTE_WINDOW);
    }

    /// @inheritdoc IWatchers
    function watcher(address operator) external view returns (Watcher memory) {
        return watchers[operator];
    }

    /// @inheritdoc IWatchers
    function operatorOfKey(bytes32 keyHash) external view returns (address) {
        address holder = holders[keyHash];
        return holder == RETIRED ? address(0) : holder;
    }

    /// @inheritdoc IWatchers
    function activeWeight(bytes32 keyHash) external view returns (uint32) {
        Watcher storage holder = watchers[holders[keyHash]];
        return holder.exitAt == 0 ? holder.weight : 0;
    }

    /// @inheritdoc IWatchers
    function possessionMessage(address operator, bytes32 keyHash) public view returns (bytes32) {
        return keccak256(abi.encode("Tocsin possession", block.chainid, address(this), operator, keyHash));
    }

    /* PRIVATE */

    function registered() private view returns (Watcher storage self) {
        self = watchers[msg.sender];
        require(self.weight != 0, NotRegistered(msg.sender));
    }

    /// @dev e(possession, -g2) * e(H(message), key) = 1; the pairing also holds the key to its curve and subgroup.
    function requirePossession(uint256[8] calldata key, uint256[4] calldata possession, bytes32 keyHash) private view {
        uint256 pairs = Bls.allocate(2 * Bls.PAIR_SIZE);
        Bls.putGeneratorG2(pairs + Bls.G1_SIZE, true);
        bytes32 message = possessionMessage(msg.sender, keyHash);
        // Writes past the hash: before the key.
        HashToG1.hashWord(message, HashToG1.POSSESSION, pairs + Bls.PAIR_SIZE);
        uint256 point = pairs + Bls.PAIR_SIZE + Bls.G1_SIZE;
        assembly ("memory-safe") {
            calldatacopy(pairs, possession, 0x80)
            calldatacopy(point, key, 0x100)
        }
        require(!Bls.isInfinityG2(point), KeyIsInfinity());
        require(Bls.pairsToOne(pairs), PossessionUnproven(keyHash));
    }

    /// @dev Drops the 16 bytes of padding before each coordinate; the pairing refuses a key where they are not zero.
    function rawKey(uint256[8] calldata key) private pure returns (bytes memory) {
        return
            abi.encodePacked(
                uint128(key[0]),
                key[1],
                uint128(key[2]),
                key[3],
                uint128(key[4]),
                key[5],
                uint128(key[6]),
                key[7]
            );
    }
}
