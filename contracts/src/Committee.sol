// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "./Quorum.sol";
import {Bls} from "./bls/Bls.sol";
import {ICommittee} from "./interfaces/ICommittee.sol";
import {IWatchers} from "./interfaces/IWatchers.sol";

/// @notice Key pages and the roster of each epoch. Nothing in a roster comes from calldata.
contract Committee is ICommittee {
    /// @dev A page's code, 0x00 ‖ keys, stays under the 24,576 bytes of EIP-170.
    uint256 private constant KEYS_A_PAGE = 127;
    uint256 private constant KEY_SIZE = 192;
    /// @dev Blocks after which the registry takes no certificate about one: it needs no roster but the latest two.
    uint256 private constant CERTIFICATE_AGE = 32;

    /// @notice Creation nonce of a member's page, and how many keys come before its own.
    struct Seat {
        uint24 page;
        uint8 place;
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
    /// @dev Hash of the latest roster's seats: the rest of its code follows from them.
    bytes32 private latestSeats;
    bytes32[] private members;
    mapping(bytes32 keyHash => Seat) public seatOf;
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

    /* PAGES */

    /// @inheritdoc ICommittee
    function writePage(bytes calldata keys) external {
        require(keys.length != 0, PageEmpty());
        uint256 count = keys.length / KEY_SIZE;
        require(count * KEY_SIZE == keys.length && count <= KEYS_A_PAGE, PageLength(keys.length));
        uint256 nonce = nextNonce;
        require(nonce <= type(uint24).max, TooManyContracts(nonce));
        // An epoch cannot open while nobody would be seated: leavers alone must not keep others out.
        if (members.length + count > Quorum.MAX_SEATS) seatMembers();
        require(members.length + count <= Quorum.MAX_SEATS, CommitteeFull(members.length + count));
        bytes32[] memory keyHashes = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            bytes32 keyHash = keccak256(keys[i * KEY_SIZE:(i + 1) * KEY_SIZE]);
            require(WATCHERS.activeWeight(keyHash) != 0, KeyUnknown(keyHash));
            require(seatOf[keyHash].page == 0, KeyAlreadyPaged(keyHash));
            seatOf[keyHash] = Seat(uint24(nonce), uint8(i));
            members.push(keyHash);
            keyHashes[i] = keyHash;
        }
        write(abi.encodePacked(uint8(0), keys));
        emit PageWritten(uint32(nonce), keyHashes);
    }

    /* EPOCHS */

    /// @inheritdoc ICommittee
    function openEpoch() external returns (uint64 epoch) {
        epoch = epochAt(uint64(block.timestamp));
        uint64 latest = latestEpoch;
        require(epoch > latest, EpochAlreadyOpen(epoch));
        uint64 openedAt = rosters[latest].openedAt;
        require(latest == 0 || block.number > openedAt + CERTIFICATE_AGE, EpochTooSoon(openedAt));
        (bytes memory seats, uint64 total, uint32 largest) = seatMembers();
        uint256 count = seats.length / Quorum.SEAT_SIZE;
        require(count != 0, NobodySeated(epoch));

        uint32 nonce = rosters[latest].nonce;
        if (keccak256(seats) != latestSeats) {
            latestSeats = keccak256(seats);
            nonce = write(abi.encodePacked(uint8(0), negatedSum(seats), total, uint16(count), seats));
        }
        if (latest != 0) rosters[latest].supersededAt = uint64(block.number);
        uint8 maxRung = count < 4 || uint256(largest) * 3 >= total ? 1 : 3;
        rosters[epoch] = Roster({
            openedAt: uint64(block.number),
            supersededAt: 0,
            validUntil: uint64(block.timestamp) + ROSTER_LIFE,
            nonce: nonce,
            seats: uint16(count),
            maxRung: maxRung
        });
        previousEpoch = latest;
        latestEpoch = epoch;
        emit EpochOpened(epoch, nonce, uint16(count), total, maxRung);
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
        return members.length;
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

    /// @dev The seats of members who stay; drops the others. At most MAX_SEATS of them together.
    function seatMembers() private returns (bytes memory seats, uint64 total, uint32 largest) {
        uint256 count = members.length;
        seats = new bytes(count * Quorum.SEAT_SIZE + 0x20);
        for (uint256 i; i < count;) {
            bytes32 keyHash = members[i];
            uint32 weight = WATCHERS.activeWeight(keyHash);
            if (weight == 0) {
                members[i] = members[--count];
                members.pop();
                continue;
            }
            Seat memory seat = seatOf[keyHash];
            bytes8 packed = bytes8(abi.encodePacked(seat.page, seat.place, weight));
            assembly ("memory-safe") {
                // Runs 24 bytes past the seat: over the next ones, or the spare word.
                mstore(add(add(seats, 0x20), shl(3, i)), packed)
            }
            total += weight;
            if (weight > largest) largest = weight;
            ++i;
        }
        assembly ("memory-safe") {
            mstore(seats, shl(3, count))
        }
    }

    /// @dev Raw bytes of minus the sum of the seats' keys.
    function negatedSum(bytes memory seats) private view returns (bytes memory raw) {
        uint256 sum = Bls.allocate(2 * Bls.G2_SIZE + KEY_SIZE);
        Bls.clear(sum, 2 * Bls.G2_SIZE);
        uint256 key = sum + 2 * Bls.G2_SIZE;
        uint256 nonce;
        address page;
        for (uint256 i; i < seats.length; i += Quorum.SEAT_SIZE) {
            uint256 seat;
            assembly ("memory-safe") {
                seat := shr(192, mload(add(add(seats, 0x20), i)))
            }
            if (seat >> 40 != nonce) {
                nonce = seat >> 40;
                page = Quorum.child(address(this), nonce);
            }
            uint256 offset = Quorum.offsetOf(seat);
            assembly ("memory-safe") {
                extcodecopy(page, key, offset, KEY_SIZE)
            }
            Quorum.unpackKey(key, sum + Bls.G2_SIZE);
            Bls.g2Add(sum, sum);
        }
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
