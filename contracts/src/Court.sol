// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Seats} from "./Seats.sol";
import {Stakes} from "./Stakes.sol";
import {IBreakerHub} from "./interfaces/IBreakerHub.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IJudge, Offence} from "./interfaces/IJudge.sol";
import {IPremiums} from "./interfaces/IPremiums.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {IWatchers} from "./interfaces/IWatchers.sol";

/// @notice The only one that takes stake, and only on proof: its judges are fixed at construction.
/// @dev Role: `strike` and `lift` of the registry, `slash` and `pay` of Watchers. Holds no tokens.
/// @dev Warning: no more honest than the most credulous of its judges.
contract Court is ICourt {
    /* CONSTANTS */

    /// @dev Blocks in which a commitment may be revealed.
    uint256 private constant REVEAL_BLOCKS = 256;
    /// @dev Seconds of an epoch's stops that a coverage is compensated for.
    uint256 private constant MAX_STOP = 6 hours;
    /// @dev Nobody has its key; many tokens refuse the zero address.
    address private constant NOBODY = address(0xdEaD);

    /* IMMUTABLES */

    /// @inheritdoc ICourt
    IRegistry public immutable REGISTRY;
    /// @inheritdoc ICourt
    ICommittee public immutable COMMITTEE;
    /// @inheritdoc ICourt
    IWatchers public immutable WATCHERS;
    /// @inheritdoc ICourt
    IPremiums public immutable PREMIUMS;
    uint256 private immutable WEIGHT_UNIT;
    /// @dev Seconds after a roster's last for which evidence of it is taken.
    uint256 private immutable EVIDENCE_AGE;

    /* STORAGE */

    /// @dev Not a list: its length would be read beside each of its judges.
    mapping(uint256 kind => IJudge) private bench;
    /// @inheritdoc ICourt
    mapping(address challenger => mapping(bytes32 commitment => uint256 height)) public committedAt;
    /// @dev One word, never zero: slashes filed, and the one and its seat that are to be enforced next.
    uint64 private filedSlashes;
    uint64 private nextSlash;
    uint64 private nextSeat;
    bool private born;
    mapping(uint256 slashId => Filing) private slashes;
    /// @dev Seats in slashes of each price: who is in one of the dearer is never again in one of the other.
    mapping(uint64 epoch => mapping(bool landed => uint256[2] seats)) private filed;
    /// @inheritdoc ICourt
    mapping(address challenger => uint256) public rewardOf;
    /// @inheritdoc ICourt
    uint256 public unburnt;
    mapping(uint64 epoch => Pool) private pools;
    mapping(uint64 epoch => mapping(bytes32 coverageId => Loss)) private losses;
    /// @dev By coverage, rung, and the times at which it began and was to end.
    mapping(bytes32 trip => bool) private redressed;

    /* CONSTRUCTOR */

    /// @param registry Names this contract its court, as the Watchers of its committee do: the address is foretold.
    constructor(IRegistry registry, IPremiums premiums, IJudge[] memory judges_) {
        ICommittee committee = registry.COMMITTEE();
        IWatchers watchers = committee.WATCHERS();
        require(registry.COURT() == address(this), WiredElsewhere(address(registry)));
        require(address(watchers.COURT()) == address(this), WiredElsewhere(address(watchers)));
        for (uint256 kind; kind < judges_.length; ++kind) {
            require(address(judges_[kind]).code.length != 0, JudgeWithoutCode(address(judges_[kind])));
            bench[kind] = judges_[kind];
        }
        born = true;
        (REGISTRY, COMMITTEE, WATCHERS, PREMIUMS) = (registry, committee, watchers, premiums);
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
        Offence memory offence = hear(kind, evidence);
        (uint64 epoch, uint256[2] memory seats, bool landed) = (offence.epoch, offence.seats, offence.coverageId != 0);
        requireOpen(epoch);
        charge(epoch, seats, landed);
        slashId = filedSlashes++;
        slashes[slashId] = Filing(uint64(block.number), hashOf(Slash(epoch, landed, msg.sender, seats)));
        emit Upheld(slashId, msg.sender, epoch, kind, landed, seats);
        REGISTRY.strike(epoch, seats);
    }

    /// @inheritdoc ICourt
    function redress(uint256 kind, bytes calldata evidence) external {
        Offence memory offence = hear(kind, evidence);
        (uint64 epoch, bytes32 id) = (offence.epoch, offence.coverageId);
        require(id != 0, NothingStopped(epoch));
        requireOpen(epoch);
        // Else a second lie of the same block could make the very trip anew.
        bool later = block.timestamp > offence.trippedAt;
        require(later, RedressTooSoon(id, offence.rung, offence.trippedAt));
        bytes32 trip = tripOf(id, offence.rung, offence.trippedAt, offence.end);
        require(!redressed[trip], RedressSpent(id, offence.rung, offence.trippedAt));
        redressed[trip] = true;
        uint256 until = overAt(offence);
        uint256 end = until < block.timestamp ? until : block.timestamp;
        uint256 due = lose(epoch, id, offence.trippedAt, end);
        emit Redressed(id, epoch, offence.rung, offence.trippedAt, due);
        bool lifted = REGISTRY.lift(id, offence.rung, offence.trippedAt, offence.end);
        // What cannot be lifted is counted once it is over: nobody may have it counted too soon.
        require(lifted || block.timestamp >= until, StopRuns(id, offence.rung, offence.end));
    }

    /* SLASHING */

    /// @inheritdoc ICourt
    function enforce(uint256 slashId, Slash calldata slash, uint256 count) external {
        require(slashId == nextSlash, NotNext(nextSlash));
        require(slashId < filedSlashes && slashes[slashId].hash == hashOf(slash), SlashUnknown(slashId));
        require(count != 0, CountIsZero());
        uint256 fromSeat = nextSeat;
        ICommittee.Roster memory roster = COMMITTEE.roster(slash.epoch);
        uint256 left = roster.seats - fromSeat;
        uint256 end = fromSeat + (count < left ? count : left);
        (nextSlash, nextSeat) = end == roster.seats ? (uint64(slashId + 1), 0) : (uint64(slashId), uint64(end));
        uint256 taken = take(slash, Seats.roster(address(COMMITTEE), roster.nonce), fromSeat, end);
        (uint256 rewarded, uint256 pooled, uint256 burnt) = Stakes.split(taken, slash.landed);
        rewardOf[slash.challenger] += rewarded;
        if (pooled != 0) pools[slash.epoch].held += uint128(pooled);
        unburnt += burnt;
        emit Enforced(slashId, end, taken, rewarded);
    }

    /// @inheritdoc ICourt
    function bar(uint64 epoch, uint256[2] calldata seats) external {
        ICommittee.Roster memory roster = COMMITTEE.roster(epoch);
        require(roster.openedAt != 0, EpochUnknown(epoch));
        require(block.timestamp <= roster.validUntil, IRegistry.RosterExpired(epoch, roster.validUntil));
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

    /// @inheritdoc ICourt
    function close(uint64 epoch) external {
        uint256 deadline = deadlineOf(epoch);
        require(deadline != 0, EpochUnknown(epoch));
        require(block.timestamp >= deadline, EpochOpen(epoch, deadline));
        require(isSettled(), SlashesPending());
        Pool storage pool = pools[epoch];
        require(!pool.closed, PoolClosed(epoch));
        pool.closed = true;
        uint128 left = pool.held > pool.due ? pool.held - pool.due : 0;
        pool.held -= left;
        unburnt += left;
        emit Closed(epoch, pool.held, left);
    }

    /// @inheritdoc ICourt
    function compensate(uint64 epoch, bytes32 id) external {
        Pool storage pool = pools[epoch];
        require(pool.closed, EpochOpen(epoch, deadlineOf(epoch)));
        address owner = REGISTRY.coverage(id).owner;
        uint128 due = losses[epoch][id].due;
        // Held is no more than what is due to all; whoever is last takes what rounding has left.
        uint128 amount = due == 0 ? 0 : uint128((uint256(due) * pool.held) / pool.due);
        require(amount != 0, NothingOwed(owner));
        losses[epoch][id].due = 0;
        (pool.held, pool.due) = (pool.held - amount, pool.due - due);
        emit Compensated(id, epoch, owner, amount);
        WATCHERS.pay(owner, amount);
    }

    /* PRIVATE */

    function requireOpen(uint64 epoch) private view {
        uint256 deadline = deadlineOf(epoch);
        require(deadline != 0, EpochUnknown(epoch));
        require(block.timestamp < deadline, EvidenceExpired(epoch, deadline));
    }

    /// @notice When a trip is over: where it was ended before its time, then, or when its rung was next tripped.
    /// @dev Of the hub's one record of the rung: what was tripped and ended anew since hides when it was ended first.
    function overAt(Offence memory offence) private view returns (uint256) {
        address target = REGISTRY.coverage(offence.coverageId).target;
        IBreakerHub.Trip memory last = REGISTRY.HUB().tripOf(target, offence.rung);
        bool isEnded = last.end == 0;
        uint256 over = isEnded ? last.changedAt : last.first;
        bool isLater = isEnded ? over >= offence.trippedAt : over > offence.trippedAt;
        return isLater && over < offence.end ? over : offence.end;
    }

    /// @notice Adds to what a coverage has lost in an epoch what one trip has stopped, and answers what is due to it in all.
    function lose(uint64 epoch, bytes32 id, uint256 from, uint256 end) private returns (uint256) {
        Loss memory loss = losses[epoch][id];
        (uint256 since, uint256 until) = loss.until == 0 ? (from, from) : (loss.since, loss.until);
        uint256 sum = loss.stopped;
        if (from < since) sum += (end < since ? end : since) - from;
        if (end > until) sum += end - (from > until ? from : until);
        uint256 counted = sum < MAX_STOP ? sum : MAX_STOP;
        uint256 due = Stakes.compensation(PREMIUMS.premiumOf(id, from), counted - loss.stopped, MAX_STOP);
        loss.stopped = uint32(counted);
        (loss.since, loss.until) = (uint48(from < since ? from : since), uint48(end > until ? end : until));
        loss.due += uint128(due);
        losses[epoch][id] = loss;
        pools[epoch].due += uint128(due);
        return loss.due;
    }

    function tripOf(bytes32 coverageId, uint8 rung, uint64 trippedAt, uint64 end) private pure returns (bytes32) {
        return keccak256(abi.encode(coverageId, rung, trippedAt, end));
    }

    function hashOf(Slash memory slash) private pure returns (bytes24) {
        return bytes24(keccak256(abi.encode(slash)));
    }

    function spend(bytes32 commitment) private {
        uint256 height = committedAt[msg.sender][commitment];
        require(height != 0, CommitmentUnknown(commitment));
        bool inTime = block.number > height && block.number <= height + REVEAL_BLOCKS;
        require(inTime, RevealOutOfTime(height, block.number));
        delete committedAt[msg.sender][commitment];
    }

    /// @dev A judge says why it finds nothing; what cannot even be decoded fails without a word.
    function hear(uint256 kind, bytes calldata evidence) private view returns (Offence memory) {
        IJudge named = bench[kind];
        // An error's arguments are read whether it is thrown or not.
        if (address(named) == address(0)) revert KindUnknown(kind, judges().length);
        try named.judge(REGISTRY, evidence) returns (Offence memory offence) {
            return offence;
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
            if (seats[word] == 0) continue;
            seats[word] &= ~(landed ? dearer[word] : dearer[word] | same[word]);
            if (seats[word] != 0) same[word] |= seats[word];
        }
        require(seats[0] | seats[1] != 0, EvidenceSpent(epoch));
    }

    function take(
        Slash calldata slash,
        bytes memory roster,
        uint256 seat,
        uint256 end
    ) private returns (uint256 taken) {
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
    function judges() public view returns (IJudge[] memory all) {
        uint256 kinds;
        while (address(bench[kinds]) != address(0)) ++kinds;
        all = new IJudge[](kinds);
        for (uint256 kind; kind < kinds; ++kind) all[kind] = bench[kind];
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
        return filedSlashes;
    }

    /// @inheritdoc ICourt
    function slashAt(uint256 slashId) external view returns (Filing memory) {
        return slashes[slashId];
    }

    /// @inheritdoc ICourt
    function cursor() external view returns (uint256 slashId, uint256 seat) {
        return (nextSlash, nextSeat);
    }

    /// @inheritdoc ICourt
    function isSettled() public view returns (bool) {
        return nextSlash == filedSlashes;
    }

    /// @inheritdoc ICourt
    function poolOf(uint64 epoch) external view returns (Pool memory) {
        return pools[epoch];
    }

    /// @inheritdoc ICourt
    function isRedressed(bytes32 coverageId, uint8 rung, uint64 trippedAt, uint64 end) external view returns (bool) {
        return redressed[tripOf(coverageId, rung, trippedAt, end)];
    }

    /// @inheritdoc ICourt
    function lossOf(uint64 epoch, bytes32 coverageId) external view returns (Loss memory) {
        return losses[epoch][coverageId];
    }

    /// @inheritdoc ICourt
    function charged(uint64 epoch) external view returns (uint256[2] memory proven, uint256[2] memory landed) {
        return (filed[epoch][false], filed[epoch][true]);
    }
}
