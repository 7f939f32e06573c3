// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Stakes} from "./Stakes.sol";
import {Bls} from "./bls/Bls.sol";
import {HashToG1} from "./bls/HashToG1.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IWatchers} from "./interfaces/IWatchers.sol";

/// @notice Stake, keys and addresses of the watchers.
/// @dev Warning: what a token adds to balances by itself stays here for good; nobody can tell whose it is.
contract Watchers is IWatchers, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Of a key, for good: one serves one operator, once. `former` when it holds another now, or held one since.
    struct Holder {
        address operator;
        bool former;
    }

    /* IMMUTABLES */

    /// @inheritdoc IWatchers
    ICourt public immutable COURT;
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
    mapping(bytes32 keyHash => Holder) private holders;
    /// @inheritdoc IWatchers
    mapping(bytes32 keyHash => bytes32 keyHashBefore) public formerKey;
    uint256 private staked;
    uint256 private forfeited;

    /* CONSTRUCTOR */

    /// @param court Made later, at an address that is foretold: it checks that this contract names it.
    /// @dev Asks the account that starts the transaction for the smallest stake and gives it back, so that a token that
    /// takes a fee is refused here. A proxy may make the contract; the approval is of an address that has no code yet.
    constructor(IERC20 token_, Settings memory s, ICourt court) {
        require(address(token_).code.length != 0, TokenWithoutCode(address(token_)));
        bool stakesValid =
            s.weightUnit != 0 &&
                s.minStake != 0 &&
                s.minStake <= s.maxStake &&
                s.maxStake <= type(uint96).max &&
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
        COURT = court;
        probe(token_, s.minStake);
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
        Watcher storage self = watchers[msg.sender];
        require(address(COURT).code.length != 0, CourtWithoutCode(address(COURT)));
        require(self.weight == 0, AlreadyRegistered(msg.sender));
        require(self.slashed == 0, OperatorSlashed(msg.sender));
        require(stake >= MIN_STAKE && stake <= MAX_STAKE, StakeOutOfRange(stake, MIN_STAKE, MAX_STAKE));
        require(stake % WEIGHT_UNIT == 0, StakeNotWhole(stake, WEIGHT_UNIT));
        require(submitter != address(0) && payout != address(0), AddressIsZero());
        (bytes32 keyHash, bytes memory raw) = bind(self, key, possession);
        // At most type(uint32).max: checked for the largest stake at construction.
        (self.submitter, self.weight, self.payout) = (submitter, uint32(stake / WEIGHT_UNIT), payout);
        emit Registered(msg.sender, keyHash, submitter, payout, stake, raw);
        deposit(stake);
    }

    /* KEYS */

    /// @inheritdoc IWatchers
    function rotateKey(uint256[8] calldata key, uint256[4] calldata possession) external {
        Watcher storage self = registered();
        // Whoever is slashed is leaving.
        require(self.exitAt == 0, AlreadyLeaving(msg.sender, self.exitAt));
        bytes32 former = self.keyHash;
        (bytes32 keyHash, bytes memory raw) = bind(self, key, possession);
        emit KeyRotated(msg.sender, keyHash, former, raw);
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
        dismiss(msg.sender, self);
    }

    /// @inheritdoc IWatchers
    function withdraw() external nonReentrant {
        Watcher storage self = registered();
        require(self.exitAt != 0 && block.timestamp >= self.exitAt, StakeLocked(self.exitAt));
        require(COURT.isSettled(), SlashesPending());
        uint256 left = leftOf(self);
        (self.submitter, self.exitAt, self.weight) = (address(0), 0, 0);
        staked -= left;
        emit Withdrawn(msg.sender, self.payout, left);
        if (left != 0) TOKEN.safeTransfer(self.payout, left);
    }

    /* SLASHING */

    /// @inheritdoc IWatchers
    function slash(bytes32 keyHash, uint256 stake, bool charged, bool landed) external returns (uint256 taken) {
        require(msg.sender == address(COURT), NotCourt(msg.sender));
        address operator = holders[keyHash].operator;
        Watcher storage self = watchers[operator];
        // Never withdrawn while evidence counts: see `Settings`.
        if (self.weight == 0) return 0;
        // What tripped nothing costs a part once and for all: whoever has stolen a key cannot take it epoch by epoch.
        if (!landed && self.slashed != 0) return 0;
        taken = Stakes.slash(stake, leftOf(self), charged, landed);
        // No more than the stake, which is below 2^96.
        self.slashed += uint96(taken);
        staked -= taken;
        forfeited += taken;
        emit Slashed(operator, keyHash, taken);
        if (self.exitAt == 0) dismiss(operator, self);
    }

    /// @inheritdoc IWatchers
    function pay(address to, uint256 amount) external nonReentrant {
        require(msg.sender == address(COURT), NotCourt(msg.sender));
        require(amount <= forfeited, PayoutExceeds(amount, forfeited));
        forfeited -= amount;
        emit Paid(to, amount);
        TOKEN.safeTransfer(to, amount);
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
        address holder = holders[keyHash].operator;
        return watchers[holder].weight == 0 ? address(0) : holder;
    }

    /// @inheritdoc IWatchers
    function activeWeight(bytes32 keyHash) external view returns (uint32) {
        Holder storage holder = holders[keyHash];
        Watcher storage self = watchers[holder.operator];
        return self.exitAt == 0 && !holder.former ? self.weight : 0;
    }

    /// @inheritdoc IWatchers
    function slashedOf(bytes32 keyHash) external view returns (uint256) {
        return watchers[holders[keyHash].operator].slashed;
    }

    /// @inheritdoc IWatchers
    function owed() external view returns (uint256, uint256) {
        return (staked, forfeited);
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

    function leftOf(Watcher storage self) private view returns (uint256) {
        return self.weight * WEIGHT_UNIT - self.slashed;
    }

    function dismiss(address operator, Watcher storage self) private {
        uint64 exitAt = uint64(block.timestamp) + EXIT_DELAY;
        self.exitAt = exitAt;
        emit ExitRequested(operator, exitAt);
    }

    /// @dev Takes a key that nobody ever held: one rotated back and forth could be seated twice in one opening.
    function bind(
        Watcher storage self,
        uint256[8] calldata key,
        uint256[4] calldata possession
    ) private returns (bytes32 keyHash, bytes memory raw) {
        raw = rawKey(key);
        keyHash = keccak256(raw);
        require(holders[keyHash].operator == address(0), KeyTaken(keyHash));
        requirePossession(key, possession, keyHash);
        holders[keyHash].operator = msg.sender;
        bytes32 former = self.keyHash;
        if (former != 0) (formerKey[keyHash], holders[former].former) = (former, true);
        self.keyHash = keyHash;
    }

    /// @dev Reads the balance on both sides, and holds it to all that is owed here before.
    function deposit(uint256 stake) private {
        uint256 before = TOKEN.balanceOf(address(this));
        uint256 promised = staked + forfeited;
        require(before >= promised, TokenShort(promised, before));
        staked += stake;
        TOKEN.safeTransferFrom(msg.sender, address(this), stake);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        require(received == stake, StakeNotReceived(stake, received));
    }

    function probe(IERC20 token_, uint256 amount) private {
        uint256 here = token_.balanceOf(address(this));
        token_.safeTransferFrom(tx.origin, address(this), amount);
        uint256 received = token_.balanceOf(address(this)) - here;
        require(received == amount, StakeNotReceived(amount, received));
        uint256 there = token_.balanceOf(tx.origin);
        token_.safeTransfer(tx.origin, amount);
        received = token_.balanceOf(tx.origin) - there;
        require(received == amount, StakeNotReceived(amount, received));
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
