// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {KeySum} from "./KeySum.sol";
import {Quorum} from "./Quorum.sol";
import {Bls} from "./bls/Bls.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IWatchers} from "./interfaces/IWatchers.sol";

/// @notice Key pages and the roster of each epoch. Nothing in a roster comes from calldata.
contract Committee is ICommittee {
    using Bytes for bytes;

    /// @dev A page's code, 0x00 ‖ keys, stays under the 24,576 bytes of EIP-170.
    uint256 private constant KEYS_A_PAGE = 127;
    uint256 private constant KEY_SIZE = 192;
    /// @dev Blocks after which the registry takes no certificate about one: it needs no roster but the latest two.
    uint256 private constant CERTIFICATE_AGE = 32;
    /// @dev Members that one call of `openEpoch` looks at.
    uint256 private constant STEP = 128;
    /// @dev Steps before the last: (MAX_SEATS - 1) / STEP.
    uint256 private constant CHUNKS = 3;
    /// @dev Blocks an opening may take, eight a step at 512 members: no roster rests on weights older than a certificate.
    uint256 private constant OPENING_AGE = 32;
    /// @dev Code of a chunk, what a step found: 0x00 ‖ sum of its keys ‖ 8 bytes a seat, as in a roster.
    uint256 private constant CHUNK_HEADER = 193;

    /// @dev Set in the word of a key that is a member's, above its uint24 page and uint8 place.
    uint256 private constant MEMBER = 1 << 32;

    /// @notice What the steps so far have found: all weight, the largest, and in how many chunks.
    struct Tally {
        uint64 total;
        uint32 largest;
        uint8 chunks;
    }

    /* IMMUTABLES */

    /// @inheritdoc ICommittee
    IWatchers public immutable WATCHERS;
    /// @inheritdoc ICommittee
    uint64 public immutable GENESIS;
    /// @inheritdoc ICommittee
    uint64 public immutable EPOCH_LENGTH;
    uint64 private immutable ROSTER_LIFE;

    /* STORAGE */

    /// @inheritdoc ICommittee
    uint64 public latestEpoch;
    /// @inheritdoc ICommittee
    uint64 public previousEpoch;
    /// @dev Creation nonce of the next contract; EIP-161 starts at one.
    uint32 private nextNonce = 1;
    /// @dev Members seated by the opening under way; its first step's block and timestamp.
    uint16 private seated;
    uint40 private begunAt;
    uint40 private begunTime;
    Tally private tally;
    /// @dev Creation nonces of chunks: whoever finds the same seats again writes nothing.
    uint32[CHUNKS] private chunks;
    /// @dev Hash of the latest roster's seats: the rest of its code follows from them.
    bytes32 private latestSeats;
    /// @dev Bit i % 256 of word i / 256 is set when member i has come to its index since the latest roster.
    uint256[2] private fresh;
    bytes32[] private memberHashes;
    mapping(bytes32 keyHash => uint256) private seatWords;
    mapping(uint64 epoch => Roster) private rosters;

    /* CONSTRUCTOR */

    constructor(IWatchers watchers, uint64 epochLength) {
        require(address(watchers).code.length != 0, WatchersWithoutCode(address(watchers)));
        require(epochLength != 0, EpochLengthIsZero());
        Bls.requirePrecompiles();
        WATCHERS = watchers;
        GENESIS = uint64(block.timestamp);
        EPOCH_LENGTH = epochLength;
        ROSTER_LIFE = watchers.settings().rosterLife;
    }

    /* MEMBERS */

    /// @inheritdoc ICommittee
    function writePage(bytes calldata keys, uint16[] calldata displaced) external {
        require(keys.length != 0, PageEmpty());
        uint256 count = keys.length / KEY_SIZE;
        require(count * KEY_SIZE == keys.length && count <= KEYS_A_PAGE, PageLength(keys.length));
        uint256 nonce = nextNonce;
        require(nonce <= type(uint24).max, TooManyContracts(nonce));
        bytes32[] memory keyHashes = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            bytes32 keyHash = keccak256(keys[i * KEY_SIZE:(i + 1) * KEY_SIZE]);
            require(seatWords[keyHash] == 0, KeyAlreadyPaged(keyHash));
            seatWords[keyHash] = MEMBER | (nonce << 8) | i;
            keyHashes[i] = keyHash;
        }
        join(keyHashes, displaced);
        write(abi.encodePacked(uint8(0), keys));
        emit PageWritten(uint32(nonce), keyHashes);
    }

    /// @inheritdoc ICommittee
    function rejoin(bytes32[] calldata keyHashes, uint16[] calldata displaced) external {
        for (uint256 i; i < keyHashes.length; ++i) {
            bytes32 keyHash = keyHashes[i];
            uint256 word = seatWords[keyHash];
            require(word != 0, KeyUnpaged(keyHash));
            require(word & MEMBER == 0, AlreadyMember(keyHash));
            seatWords[keyHash] = MEMBER | word;
        }
        join(keyHashes, displaced);
        emit Rejoined(keyHashes);
    }

    /* EPOCHS */

    /// @inheritdoc ICommittee
    function openEpoch() external returns (uint64 epoch, bool opened) {
        epoch = epochAt(uint64(block.timestamp));
        uint64 latest = latestEpoch;
        require(epoch > latest, EpochAlreadyOpen(epoch));
        uint64 openedAt = rosters[latest].openedAt;
        require(latest == 0 || block.number > openedAt + CERTIFICATE_AGE, EpochTooSoon(openedAt));
        uint256 from = isUnderWay(epoch) ? seated : 0;
        Tally memory found;
        if (from != 0) found = tally;
        (bytes memory seats, uint256 left) = seatMembers(from, found);
        uint256 count = seats.length / Quorum.SEAT_SIZE;
        if (left != 0) {
            pause(epoch, from, seats, found);
            return (epoch, false);
        }
        require(count != 0, NobodySeated(epoch));

        fill(seats, found.chunks);
        uint32 nonce = rosters[latest].nonce;
        if (keccak256(seats) != latestSeats) {
            latestSeats = keccak256(seats);
            bytes memory key = negatedSum(seats, from, found.chunks);
            nonce = write(abi.encodePacked(uint8(0), key, found.total, uint16(count), seats));
        }
        delete fresh;
        if (latest != 0) rosters[latest].supersededAt = uint64(block.number);
        uint8 maxRung = count < 4 || uint256(found.largest) * 3 >= found.total ? 1 : 3;
        // From the first step on: who was seated by then and asks to leave before the last one can withdraw `exitDelay`
        // after it asked, and so not before `validUntil` and the windows behind it have passed.
        rosters[epoch] = Roster({
            openedAt: uint64(block.number),
            supersededAt: 0,
            validUntil: (from == 0 ? uint64(block.timestamp) : begunTime) + ROSTER_LIFE,
            nonce: nonce,
            seats: uint16(count),
            maxRung: maxRung
        });
        previousEpoch = latest;
        latestEpoch = epoch;
        emit EpochOpened(epoch, nonce, uint16(count), found.total, maxRung);
        return (epoch, true);
    }

    /* VIEWS */

    /// @inheritdoc ICommittee
    function epochAt(uint64 timestamp) public view returns (uint64) {
        return timestamp < GENESIS ? 0 : (timestamp - GENESIS) / EPOCH_LENGTH + 1;
    }

    /// @inheritdoc ICommittee
    function roster(uint64 epoch) external view returns (Roster memory) {
        return rosters[epoch];
    }

    /// @inheritdoc ICommittee
    function blob(uint32 nonce) external view returns (address) {
        return Quorum.child(address(this), nonce);
    }

    /// @inheritdoc ICommittee
    function memberCount() external view returns (uint256) {
        return memberHashes.length;
    }

    /// @inheritdoc ICommittee
    function seatOf(bytes32 keyHash) external view returns (uint24 page, uint8 place, bool member) {
        uint256 word = seatWords[keyHash];
        return (uint24(word >> 8), uint8(word), word & MEMBER != 0);
    }

    /// @inheritdoc ICommittee
    function members() external view returns (bytes32[] memory keyHashes, uint32[] memory weights) {
        keyHashes = memberHashes;
        weights = new uint32[](keyHashes.length);
        for (uint256 i; i < weights.length; ++i) weights[i] = WATCHERS.activeWeight(keyHashes[i]);
    }

    /// @inheritdoc ICommittee
    function opening() external view returns (uint64 epoch, uint64 begun, uint16 seats) {
        epoch = epochAt(uint64(block.timestamp));
        return isUnderWay(epoch) ? (epoch, begunAt, seated) : (0, 0, 0);
    }

    /// @inheritdoc ICommittee
    function epochInForce(uint64 height) external view returns (uint64) {
        if (isInForce(latestEpoch, height)) return latestEpoch;
        return isInForce(previousEpoch, height) ? previousEpoch : 0;
    }

    /* PRIVATE */

    function isInForce(uint64 epoch, uint64 height) private view returns (bool) {
        Roster storage self = rosters[epoch];
        if (self.openedAt == 0 || height <= self.openedAt) return false;
        return self.supersededAt == 0 || height <= self.supersededAt;
    }

    /// @dev Whether steps were taken that the next one goes on from. Nothing but steps moves members meanwhile, so that
    /// each is looked at once, and four steps are always enough.
    function isUnderWay(uint64 epoch) private view returns (bool) {
        if (seated == 0 || epoch <= latestEpoch || epochAt(begunTime) != epoch) return false;
        return block.number <= begunAt + OPENING_AGE;
    }

    /// @dev Makes members of keys whose pages are known: in the room there is, then in the places of others.
    function join(bytes32[] memory keyHashes, uint16[] calldata displaced) private {
        uint64 epoch = epochAt(uint64(block.timestamp));
        require(!isUnderWay(epoch), OpeningUnderWay(epoch));
        uint256 room = Quorum.MAX_SEATS - memberHashes.length;
        if (keyHashes.length > room) {
            uint256 needed = keyHashes.length - room;
            require(needed <= displaced.length, CommitteeFull(needed, displaced.length));
        }
        uint32 heaviest;
        for (uint256 i; i < keyHashes.length; ++i) {
            uint32 weight = WATCHERS.activeWeight(keyHashes[i]);
            require(weight != 0, KeyUnknown(keyHashes[i]));
            if (i < room) {
                markFresh(memberHashes.length);
                memberHashes.push(keyHashes[i]);
                continue;
            }
            uint32 lost = displace(displaced[i - room], keyHashes[i], weight);
            if (lost > heaviest) heaviest = lost;
        }
        if (heaviest != 0) requireLightest(heaviest);
    }

    function displace(uint256 index, bytes32 keyHash, uint32 weight) private returns (uint32 lost) {
        require(index < memberHashes.length, MemberUnknown(index));
        bytes32 former = memberHashes[index];
        lost = WATCHERS.activeWeight(former);
        require(weight > lost, MemberNotLighter(former, lost, weight));
        seatWords[former] ^= MEMBER;
        memberHashes[index] = keyHash;
        markFresh(index);
        emit Displaced(former, keyHash);
    }

    /// @dev No member is lighter than one displaced: were any, names of little stake could be kept, and heavy watchers
    /// pushed out before an opening. Who has joined since the roster counts too, else a few names made anew would be kept.
    function requireLightest(uint32 heaviest) private view {
        bytes memory table = latestTable();
        uint256[2] memory marks = fresh;
        uint256 count = memberHashes.length;
        for (uint256 index; index < count; ++index) {
            bool isFresh = (marks[index / 256] >> (index % 256)) & 1 == 1;
            uint32 weight = isFresh ? WATCHERS.activeWeight(memberHashes[index]) : uint32(seatAt(table, index));
            require(weight >= heaviest, MemberNotLightest(memberHashes[index], weight));
        }
    }

    function markFresh(uint256 index) private {
        fresh[index / 256] |= 1 << (index % 256);
    }

    function seatAt(bytes memory table, uint256 index) private pure returns (uint256 seat) {
        assembly ("memory-safe") {
            seat := shr(192, mload(add(add(table, 0x20), shl(3, index))))
        }
    }

    function latestTable() private view returns (bytes memory) {
        if (latestEpoch == 0) return "";
        return Quorum.child(address(this), rosters[latestEpoch].nonce).code.slice(Quorum.ROSTER_HEADER);
    }

    /// @dev The seats of members who stay, behind room for `from` seats of earlier steps; drops who has left. Looks at
    /// STEP members at most, and answers how many are left.
    function seatMembers(uint256 from, Tally memory found) private returns (bytes memory seats, uint256 left) {
        uint256 count = memberHashes.length;
        uint256 index = from;
        uint256 total = found.total;
        uint256 largest = found.largest;
        seats = new bytes(count * Quorum.SEAT_SIZE + 0x20);
        // At most 512 members of 32 bits of weight each.
        unchecked {
            for (uint256 looks; index < count && looks < STEP; ++looks) {
                bytes32 keyHash = memberHashes[index];
                uint256 weight = WATCHERS.activeWeight(keyHash);
                if (weight == 0) {
                    seatWords[keyHash] ^= MEMBER;
                    memberHashes[index] = memberHashes[--count];
                    markFresh(index);
                    memberHashes.pop();
                    continue;
                }
                uint256 seat = (uint256(uint32(seatWords[keyHash])) << 32) | weight;
                assembly ("memory-safe") {
                    // Runs 24 bytes past the seat: over the next ones, or the spare word.
                    mstore(add(add(seats, 0x20), shl(3, index)), shl(192, seat))
                }
                total += weight;
                if (weight > largest) largest = weight;
                ++index;
            }
        }
        assembly ("memory-safe") {
            mstore(seats, shl(3, index))
        }
        (found.total, found.largest) = (uint64(total), uint32(largest));
        left = count - index;
    }

    /// @dev Keeps what this step has found for the next one.
    function pause(uint64 epoch, uint256 from, bytes memory seats, Tally memory found) private {
        uint256 count = seats.length / Quorum.SEAT_SIZE;
        if (from == 0) (begunAt, begunTime) = (uint40(block.number), uint40(block.timestamp));
        if (count != from) {
            bytes memory chunk = seats.slice(from * Quorum.SEAT_SIZE);
            address former = Quorum.child(address(this), chunks[found.chunks]);
            bool known = former.code.length == CHUNK_HEADER + chunk.length;
            if (!known || keccak256(former.code.slice(CHUNK_HEADER)) != keccak256(chunk)) {
                uint256 sum = KeySum.start();
                KeySum.addSeats(sum, address(this), chunk, 0);
                chunks[found.chunks] = write(abi.encodePacked(uint8(0), Quorum.packKey(sum), chunk));
            }
            ++found.chunks;
        }
        seated = uint16(count);
        tally = found;
        emit EpochStepped(epoch, uint16(count), uint16(memberHashes.length));
    }

    /// @dev Copies the seats of earlier steps to where `seatMembers` has left room for them.
    function fill(bytes memory seats, uint256 count) private view {
        uint256 to;
        assembly ("memory-safe") {
            to := add(seats, 0x20)
        }
        for (uint256 i; i < count; ++i) {
            address chunk = Quorum.child(address(this), chunks[i]);
            uint256 size = chunk.code.length - CHUNK_HEADER;
            assembly ("memory-safe") {
                extcodecopy(chunk, to, CHUNK_HEADER, size)
            }
            to += size;
        }
    }

    /// @dev Raw bytes of minus the sum of the seats' keys: those of chunks are summed already.
    function negatedSum(bytes memory seats, uint256 from, uint256 count) private view returns (bytes memory) {
        uint256 sum = KeySum.start();
        for (uint256 i; i < count; ++i) KeySum.addKey(sum, Quorum.child(address(this), chunks[i]), 1);
        KeySum.addSeats(sum, address(this), seats, from);
        Bls.negateG2(sum);
        return Quorum.packKey(sum);
    }

    /// @dev Makes a contract of this code: PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN.
    function write(bytes memory code) private returns (uint32 nonce) {
        nonce = nextNonce++;
        bytes memory creation = abi.encodePacked(hex"61", uint16(code.length), hex"80600a3d393df3", code);
        address created;
        assembly ("memory-safe") {
            created := create(0, add(creation, 0x20), mload(creation))
        }
        require(created != address(0), ContractNotCreated(nonce));
    }
}
