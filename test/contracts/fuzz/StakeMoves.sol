// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../../contracts/harness/TestToken.sol";
import {Quorum} from "../../../contracts/src/Quorum.sol";
import {IBreakerHub} from "../../../contracts/src/interfaces/IBreakerHub.sol";
import {ICommittee} from "../../../contracts/src/interfaces/ICommittee.sol";
import {ICourt} from "../../../contracts/src/interfaces/ICourt.sol";
import {IJudge, Offence} from "../../../contracts/src/interfaces/IJudge.sol";
import {IRegistry} from "../../../contracts/src/interfaces/IRegistry.sol";
import {IWatchers} from "../../../contracts/src/interfaces/IWatchers.sol";
import {keyOf, possessionOf, rawOf} from "./Bls.sol";
import {elapse, made, VM, within} from "./Vm.sol";

/// @notice What a court asks of a registry.
contract NamingRegistry {
    ICommittee public immutable COMMITTEE;
    ICourt public immutable COURT;

    constructor(ICommittee committee, ICourt court) {
        (COMMITTEE, COURT) = (committee, court);
    }

    function HUB() external view returns (NamingRegistry) {
        return this;
    }

    /// @notice Nothing was ended before its time.
    function tripOf(address, uint8) external pure returns (IBreakerHub.Trip memory) {}

    function strike(uint64, uint256[2] calldata) external {}

    function lift(bytes32, uint8, uint64, uint64) external pure returns (bool) {
        return true;
    }

    function coverage(bytes32) external view returns (IRegistry.Coverage memory covered) {
        covered.owner = address(this);
    }

    /// @notice What any coverage has paid.
    function premiumOf(bytes32, uint256) external pure returns (uint256) {
        return 7;
    }
}

/// @notice Watchers who join, rotate, leave and are convicted at random, and an account of all that they brought and got.
contract StakeMoves {
    error WithdrawnWhileSlashable(address operator, uint64 epoch, uint256 deadline);
    error WithdrawnUnsettled(address operator);
    error HeldBack(address operator);

    uint256 internal constant OPERATORS = 5;
    uint64 internal constant EPOCH_LENGTH = 20;
    bytes32 internal constant COVERAGE = keccak256("coverage");

    TestToken public token;
    IWatchers public watchers;
    ICommittee public committee;
    ICourt public court;

    /// @notice All that was ever staked, and all that was withdrawn.
    uint256 public brought;
    uint256 public taken;
    uint256 internal secrets = 1;
    uint64[] internal epochs;
    ICourt.Slash[] internal slashes;
    mapping(uint64 epoch => mapping(address operator => bool)) internal seated;

    constructor() {
        token = TestToken(made("TestToken", ""));
        IJudge[] memory judges = new IJudge[](1);
        judges[0] = IJudge(made("TrustingJudge", ""));
        // The sixth contract that this one makes; Watchers are the third.
        ICourt foretold = ICourt(Quorum.child(address(this), 6));
        token.mint(tx.origin, 1);
        VM.prank(tx.origin);
        token.approve(Quorum.child(address(this), 3), 1);
        // The exit is as short as it may be: each deadline is met to the second.
        IWatchers.Settings memory settings = IWatchers.Settings(1, 1_000, 1, 140, 100, 10, 30);
        watchers = IWatchers(made("Watchers", abi.encode(token, settings, foretold)));
        committee = ICommittee(made("Committee", abi.encode(watchers, EPOCH_LENGTH)));
        NamingRegistry registry = new NamingRegistry(committee, foretold);
        court = ICourt(made("Court", abi.encode(registry, registry, judges)));
    }

    /* ACTS */

    function join(uint256 who, uint256 stake) external {
        address operator = operatorOf(who);
        IWatchers.Watcher memory self = watchers.watcher(operator);
        if (self.weight != 0 || self.slashed != 0) return;
        stake = within(stake, 1, 1_000);
        token.mint(operator, stake);
        VM.prank(operator);
        token.approve(address(watchers), stake);
        (uint256[8] memory key, uint256[4] memory possession) = fresh(operator);
        VM.prank(operator);
        watchers.register(stake, key, possession, operator, operator);
        brought += stake;
        committee.writePage(rawOf(key), new uint16[](0));
    }

    function rotate(uint256 who) external {
        address operator = operatorOf(who);
        IWatchers.Watcher memory self = watchers.watcher(operator);
        if (self.weight == 0 || self.exitAt != 0) return;
        (uint256[8] memory key, uint256[4] memory possession) = fresh(operator);
        VM.prank(operator);
        watchers.rotateKey(key, possession);
        committee.writePage(rawOf(key), new uint16[](0));
    }

    function exit(uint256 who) external {
        address operator = operatorOf(who);
        IWatchers.Watcher memory self = watchers.watcher(operator);
        if (self.weight == 0 || self.exitAt != 0) return;
        VM.prank(operator);
        watchers.requestExit();
    }

    function withdraw(uint256 who) external {
        address operator = operatorOf(who);
        uint256 before = token.balanceOf(operator);
        IWatchers.Watcher memory self = watchers.watcher(operator);
        bool due = self.weight != 0 && self.exitAt != 0 && VM.getBlockTimestamp() >= self.exitAt;
        VM.prank(operator);
        try watchers.withdraw() {
            taken += token.balanceOf(operator) - before;
            require(court.isSettled(), WithdrawnUnsettled(operator));
            for (uint256 i; i < epochs.length; ++i) {
                if (!seated[epochs[i]][operator]) continue;
                uint256 deadline = court.deadlineOf(epochs[i]);
                bool over = VM.getBlockTimestamp() >= deadline;
                require(over, WithdrawnWhileSlashable(operator, epochs[i], deadline));
            }
        } catch {
            require(!due || !court.isSettled(), HeldBack(operator));
        }
    }

    function openEpoch() external {
        VM.roll(VM.getBlockNumber() + 33);
        elapse(EPOCH_LENGTH);
        try committee.openEpoch() returns (uint64 epoch, bool) {
            epochs.push(epoch);
            (bytes32[] memory keyHashes, ) = committee.members();
            for (uint256 i; i < keyHashes.length; ++i) seated[epoch][watchers.operatorOfKey(keyHashes[i])] = true;
        } catch {}
    }

    /// @dev Spent or expired evidence is refused.
    function convict(uint256 which, uint8 seats, bool landed) external {
        if (epochs.length == 0) return;
        uint64 epoch = epochs[which % epochs.length];
        bytes32 stopped = landed ? COVERAGE : bytes32(0);
        bytes memory evidence = abi.encode(Offence(epoch, [uint256(seats), 0], stopped, 3, 1, 2));
        uint256 before = chargedOf(epoch, landed);
        court.commit(court.commitmentOf(address(this), 0, evidence, 0));
        VM.roll(VM.getBlockNumber() + 1);
        try court.reveal(0, evidence, 0) {
            uint256 charged = chargedOf(epoch, landed) ^ before;
            slashes.push(ICourt.Slash(epoch, landed, address(this), [charged, 0]));
        } catch {}
    }

    function redress(uint256 which, uint64 trippedAt) external {
        if (epochs.length == 0) return;
        uint64 epoch = epochs[which % epochs.length];
        trippedAt = uint64(within(trippedAt, 1, VM.getBlockTimestamp()));
        bytes memory evidence = abi.encode(Offence(epoch, [uint256(0), 0], COVERAGE, 3, trippedAt, trippedAt + 9));
        try court.redress(0, evidence) {} catch {}
    }

    function enforce(uint256 count) external {
        if (court.isSettled()) return;
        (uint256 slashId, ) = court.cursor();
        court.enforce(slashId, slashes[slashId], within(count, 1, 8));
    }

    function close(uint256 which) external {
        if (epochs.length == 0) return;
        try court.close(epochs[which % epochs.length]) {} catch {}
    }

    function compensate(uint256 which) external {
        if (epochs.length == 0) return;
        try court.compensate(epochs[which % epochs.length], COVERAGE) {} catch {}
    }

    function settle(bool burns) external {
        if (burns && court.unburnt() != 0) court.burn();
        if (!burns && court.rewardOf(address(this)) != 0) court.reward(address(this));
    }

    function wait(uint256 time) external {
        elapse(within(time, 1, 60));
    }

    /* VIEWS */

    /// @notice What protocols were paid.
    function compensated() external view returns (uint256) {
        return token.balanceOf(address(court.REGISTRY()));
    }

    /// @notice What is held for protocols.
    function pooled() external view returns (uint256 sum) {
        for (uint256 i; i < epochs.length; ++i) sum += court.poolOf(epochs[i]).held;
    }

    /// @notice What is left of every stake.
    function left() external view returns (uint256 sum) {
        for (uint256 who; who < OPERATORS; ++who) {
            IWatchers.Watcher memory self = watchers.watcher(operatorOf(who));
            if (self.weight != 0) sum += self.weight - self.slashed;
        }
    }

    function chargedOf(uint64 epoch, bool landed) internal view returns (uint256) {
        (uint256[2] memory proven, uint256[2] memory dearer) = court.charged(epoch);
        return landed ? dearer[0] : proven[0];
    }

    function operatorOf(uint256 who) internal pure returns (address) {
        return address(uint160(0x1000 + (who % OPERATORS)));
    }

    function fresh(address operator) internal returns (uint256[8] memory key, uint256[4] memory possession) {
        uint256 secret = ++secrets;
        key = keyOf(secret);
        possession = possessionOf(secret, watchers.possessionMessage(operator, keccak256(rawOf(key))));
    }
}
