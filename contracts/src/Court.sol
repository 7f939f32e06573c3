// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Seats} from "./Seats.sol";
import {Stakes} from "./Stakes.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IJudge} from "./interfaces/IJudge.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {IWatchers} from "./interfaces/IWatchers.sol";

/// @notice The only one that takes stake, and only on proof: its judges are fixed at construction.
/// @dev Role: `strike` of the registry, `slash` and `pay` of Watchers. Holds no tokens.
/// @dev Warning: no more honest than the most credulous of its judges.
contract Court is ICourt {
    /* CONSTANTS */

    /// @dev Blocks in which a commitment may be revealed.
    uint256 private constant REVEAL_BLOCKS = 256;
    /// @dev Nobody has its key; many tokens refuse the zero address.
    address private constant NOBODY = address(0xdEaD);

    /* IMMUTABLES */

    /// @inheritdoc ICourt
    IRegistry public immutable REGISTRY;
    /// @inheritdoc ICourt
    ICommittee public immutable COMMITTEE;
    /// @inheritdoc ICourt
    IWatchers public immutable WATCHERS;
    uint256 private immutable WEIGHT_UNIT;
    /// @dev Seconds after a roster's last for which evidence of it is taken.
    uint256 private immutable EVIDENCE_AGE;

    /* STORAGE */

    IJudge[] private bench;
    /// @inheritdoc ICourt
    mapping(address challenger => mapping(bytes32 commitment => uint256 height)) public committedAt;
    Slash[] private slashes;
    uint128 private nextSlash;
    uint128 private nextSeat;
    /// @dev Seats in slashes of each price: who is in one of the dearer is never again in one of the other.
    mapping(uint64 epoch => mapping(bool landed => uint256[2] seats)) private filed;
    /// @inheritdoc ICourt
    mapping(address challenger => uint256) public rewardOf;
    /// @inheritdoc ICourt
    uint256 public unburnt;

    /* CONSTRUCTOR */

    /// @param registry Names this contract its court, as the Watchers of its committee do: the address is foretold.
    constructor(IRegistry registry, IJudge[] memory judges_) {
        ICommittee committee = registry.COMMITTEE();
        IWatchers watchers = committee.WATCHERS();
        require(registry.COURT() == address(this), WiredElsewhere(address(registry)));
        require(address(watchers.COURT()) == address(this), WiredElsewhere(address(watchers)));
        for (uint256 kind; kind < judges_.length; ++kind)
            require(address(judges_[kind]).code.length != 0, JudgeWithoutCode(address(judges_[kind])));
        bench = judges_;
        (REGISTRY, COMMITTEE, WATCHERS) = (registry, committee, watchers);
        IWatchers.Settings memory settings = watchers.settings();
        WEIGHT_UNIT = settings.weightUnit;
        EVIDENCE_AGE = uint256(settings.certificateAge) + settings.disputeWindow;
    }

    /* PROVING */

    /// @inheritdoc ICourt
    function commit(bytes32 commitment) external {
        committedAt[msg.sender][commitment] = block.number;
        emit Committed(msg.sender, commitment);
    }

    /// @inheritdoc ICourt
    function reveal(uint256 kind, bytes calldata evidence, bytes32 salt) external returns (uint256 slashId) {
        spend(commitmentOf(msg.sender, kind, evidence, salt));
        (uint64 epoch, uint256[2] memory seats, bool landed) = hear(kind, evidence);
        uint256 deadline = deadlineOf(epoch);
        require(deadline != 0, EpochUnknown(epoch));
        require(block.timestamp < deadline, EvidenceExpired(epoch, deadline));
        charge(epoch, seats, landed);
        slashId = slashes.length;
        slashes.push(Slash(epoch, landed, msg.sender, seats));
        emit Upheld(slashId, msg.sender, epoch, kind, landed, seats);
        REGISTRY.strike(epoch, seats);
    }

    /* SLASHING */

    /// @inheritdoc ICourt
    function enforce(uint256 slashId, uint256 fromSeat, uint256 count) external {
        require(slashId == nextSlash && fromSeat == nextSeat, NotNext(nextSlash, nextSeat));
        require(slashId < slashes.length, SlashUnknown(slashId));
        require(count != 0, CountIsZero());
        Slash memory slash = slashes[slashId];
        ICommittee.Roster memory roster = COMMITTEE.roster(slash.epoch);
        uint256 left = roster.seats - fromSeat;
        uint256 end = fromSeat + (count < left ? count : left);
        (nextSlash, nextSeat) = end == roster.seats ? (uint128(slashId + 1), 0) : (uint128(slashId), uint128(end));
        uint256 taken = take(slash, Seats.roster(address(COMMITTEE), roster.nonce), fromSeat, end);
        (uint256 rewarded, uint256 burnt) = Stakes.split(taken);
        rewardOf[slash.challenger] += rewarded;
        unburnt += burnt;
        emit Enforced(slashId, end, taken, rewarded);
    }

    /// @inheritdoc ICourt
    function bar(uint64 epoch, uint256[2] calldata seats) external {
        ICommittee.Roster memory roster = COMMITTEE.roster(epoch);
        require(roster.openedAt != 0, EpochUnknown(epoch));
        require(seats[0] | seats[1] != 0, NobodyBarred(epoch));
        bytes memory code = Seats.roster(address(COMMITTEE), roster.nonce);
        for (uint256 seat; seat < 512; ++seat) {
            if (!isIn(seats, seat)) continue;
            (bytes32 keyHash, ) = Seats.read(address(COMMITTEE), code, seat);
            require(WATCHERS.slashedOf(keyHash) != 0, SeatNotSlashed(epoch, seat));
        }
        emit Barred(epoch, seats);
        REGISTRY.strike(epoch, seats);
    }

    /* PAYING */

    /// @inheritdoc ICourt
    function reward(address challenger) external {
        uint256 amount = rewardOf[challenger];
        require(amount != 0, NothingOwed(challenger));
        delete rewardOf[challenger];
        emit Rewarded(challenger, amount);
        WATCHERS.pay(challenger, amount);
    }

    /// @inheritdoc ICourt
    function burn() external {
        uint256 amount = unburnt;
        require(amount != 0, NothingOwed(NOBODY));
        delete unburnt;
        emit Burnt(amount);
        WATCHERS.pay(NOBODY, amount);
    }

    /* PRIVATE */

    function spend(bytes32 commitment) private {
        uint256 height = committedAt[msg.sender][commitment];
        require(height != 0, CommitmentUnknown(commitment));
        bool inTime = block.number > height && block.number <= height + REVEAL_BLOCKS;
        require(inTime, RevealOutOfTime(height, block.number));
        delete committedAt[msg.sender][commitment];
    }

    /// @dev A judge says why it finds nothing; what cannot even be decoded fails without a word.
    function hear(
        uint256 kind,
        bytes calldata evidence
    ) private view returns (uint64 epoch, uint256[2] memory seats, bool landed) {
        require(kind < bench.length, KindUnknown(kind, bench.length));
        try bench[kind].judge(REGISTRY, evidence) returns (uint64 epoch_, uint256[2] memory seats_, bool landed_) {
            return (epoch_, seats_, landed_);
        } catch (bytes memory reason) {
            require(reason.length != 0, EvidenceMalformed(kind));
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }

    /// @dev Leaves those of `seats` that no slash of the epoch has charged as much.
    function charge(uint64 epoch, uint256[2] memory seats, bool landed) private {
        uint256[2] storage dearer = filed[epoch][true];
        uint256[2] storage same = filed[epoch][landed];
        for (uint256 word; word < 2; ++word) {
            seats[word] &= ~(dearer[word] | same[word]);
            same[word] |= seats[word];
        }
        require(seats[0] | seats[1] != 0, EvidenceSpent(epoch));
    }

    function take(Slash memory slash, bytes memory roster, uint256 seat, uint256 end) private returns (uint256 taken) {
        // Of a landed slash: whoever is filed for less was so before, since nobody is after.
        uint256[2] memory cheaper;
        if (slash.landed) cheaper = filed[slash.epoch][false];
        for (; seat < end; ++seat) {
            if (!isIn(slash.seats, seat)) continue;
            (bytes32 keyHash, uint256 weight) = Seats.read(address(COMMITTEE), roster, seat);
            taken += WATCHERS.slash(keyHash, weight * WEIGHT_UNIT, isIn(cheaper, seat), slash.landed);
        }
    }

    function isIn(uint256[2] memory seats, uint256 seat) private pure returns (bool) {
        return (seats[seat / 256] >> (seat % 256)) & 1 == 1;
    }

    /* VIEWS */

    /// @inheritdoc ICourt
    function judges() external view returns (IJudge[] memory) {
        return bench;
    }

    /// @inheritdoc ICourt
    /// @dev The sender is in it: a copied commitment is of no use to whoever copies it.
    function commitmentOf(
        address challenger,
        uint256 kind,
        bytes calldata evidence,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), challenger, kind, keccak256(evidence), salt));
    }

    /// @inheritdoc ICourt
    function deadlineOf(uint64 epoch) public view returns (uint256) {
        ICommittee.Roster memory roster = COMMITTEE.roster(epoch);
        return roster.openedAt == 0 ? 0 : roster.validUntil + EVIDENCE_AGE;
    }

    /// @inheritdoc ICourt
    function slashCount() external view returns (uint256) {
        return slashes.length;
    }

    /// @inheritdoc ICourt
    function slashAt(uint256 slashId) external view returns (Slash memory) {
        require(slashId < slashes.length, SlashUnknown(slashId));
        return slashes[slashId];
    }

    /// @inheritdoc ICourt
    function cursor() external view returns (uint256 slashId, uint256 seat) {
        return (nextSlash, nextSeat);
    }

    /// @inheritdoc ICourt
    function isSettled() external view returns (bool) {
        return nextSlash == slashes.length;
    }

    /// @inheritdoc ICourt
    function charged(uint64 epoch) external view returns (uint256[2] memory proven, uint256[2] memory landed) {
        return (filed[epoch][false], filed[epoch][true]);
    }
}
