// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../../contracts/harness/TestToken.sol";
import {BlockHash} from "../../../contracts/src/BlockHash.sol";
import {Quorum} from "../../../contracts/src/Quorum.sol";
import {RollCall} from "../../../contracts/src/RollCall.sol";
import {Certificate, Class, Incident, Rule, Slot, Verdict} from "../../../contracts/src/Types.sol";
import {VerdictHash} from "../../../contracts/src/VerdictHash.sol";
import {IBounties} from "../../../contracts/src/interfaces/IBounties.sol";
import {ICommittee} from "../../../contracts/src/interfaces/ICommittee.sol";
import {ICourt} from "../../../contracts/src/interfaces/ICourt.sol";
import {IJudge, Offence} from "../../../contracts/src/interfaces/IJudge.sol";
import {ILedger} from "../../../contracts/src/interfaces/ILedger.sol";
import {IPayroll} from "../../../contracts/src/interfaces/IPayroll.sol";
import {IRegistry} from "../../../contracts/src/interfaces/IRegistry.sol";
import {ITermsBook} from "../../../contracts/src/interfaces/ITermsBook.sol";
import {IWatchers} from "../../../contracts/src/interfaces/IWatchers.sol";
import {Outcome} from "../../../contracts/src/proofs/Predicate.sol";
import {keyOf, possessionOf, rawOf, signatureOf} from "./Bls.sol";
import {elapse, made, VM} from "./Vm.sol";

/// @notice Everything that pays, over watchers who sign with keys of their own, and two coverages that they trip.
/// @dev All of it is what is deployed, but for the judge, who believes what it is told, and the prover: this contract.
abstract contract PayWorld {
    error IncidentsDiffer(bytes32 expected, bytes32 found);

    /// @notice Who sits where in an epoch's roster.
    struct Seat {
        address operator;
        uint256 weight;
        uint256 secret;
    }

    /// @notice A trip as those who book it tell it.
    struct Trip {
        Verdict verdict;
        bytes32 previous;
        Incident incident;
        bool isA;
    }

    uint256 public constant OPERATORS = 6;
    uint64 public constant NOTICE = 32;
    uint48 public constant WINDOW = 100;
    uint48 public constant RULING = 200;
    uint64 internal constant EPOCH_LENGTH = 20;
    uint64 internal constant ROSTER_LIFE = 100_000;
    /// As long as is compensated.
    uint32 internal constant LIFE = 6 hours;
    address public constant OWNER = address(0xace);
    address public constant ARBITER = address(0xa4b);
    address public constant PROVER = address(0x940);

    TestToken public immutable token;
    IWatchers public immutable watchers;
    ICommittee public immutable committee;
    IRegistry public immutable registry;
    ICourt public immutable court;
    ITermsBook public immutable terms;
    IPayroll public immutable payroll;
    IBounties public immutable bounties;
    bytes32[2] public ids;

    Rule internal ruleA;
    Rule internal ruleB;
    uint256 private secrets = 1;
    mapping(bytes32 keyHash => uint256) private secretOf;
    mapping(uint64 epoch => Seat[]) internal seats;
    mapping(bytes32 coverageId => Trip[]) internal trips;

    /// @param stakes Of the watchers, no three times as much as all.
    constructor(uint256[OPERATORS] memory stakes) {
        token = TestToken(made("TestToken", ""));
        IJudge[] memory judges = new IJudge[](1);
        judges[0] = IJudge(made("TrustingJudge", ""));
        // Contracts that this one makes: Watchers are the third, the court the eleventh.
        ICourt foretold = ICourt(Quorum.child(address(this), 11));
        token.mint(tx.origin, 1);
        VM.prank(tx.origin);
        token.approve(Quorum.child(address(this), 3), 1);
        IWatchers.Settings memory settings = IWatchers.Settings(1, 2 ** 31, 1, 2 * ROSTER_LIFE, ROSTER_LIFE, 10, 30);
        watchers = IWatchers(made("Watchers", abi.encode(token, settings, foretold)));
        committee = ICommittee(made("Committee", abi.encode(watchers, EPOCH_LENGTH)));
        registry = IRegistry(made("Registry", abi.encode(committee, 0, foretold, address(this))));
        terms = ITermsBook(made("TermsBook", abi.encode(registry, NOTICE)));
        address verifier = made("QuorumVerifier", "");
        payroll = IPayroll(made("Payroll", abi.encode(terms, verifier, 1)));
        address book = made("IncidentBook", abi.encode(registry));
        bounties = IBounties(made("Bounties", abi.encode(terms, verifier, book, WINDOW, RULING)));
        court = ICourt(made("Court", abi.encode(registry, payroll, judges)));
        for (uint256 who; who < OPERATORS; ++who) join(who, stakes[who]);
        openEpoch();
        nameRules();
        for (uint256 which; which < 2; ++which) ids[which] = cover();
    }

    /* WATCHERS */

    function operatorOf(uint256 who) public pure returns (address) {
        return address(uint160(0x1000 + (who % OPERATORS)));
    }

    function rotate(address operator) public {
        (uint256[8] memory key, uint256[4] memory possession) = fresh(operator);
        VM.prank(operator);
        watchers.rotateKey(key, possession);
        committee.writePage(rawOf(key), new uint16[](0));
    }

    function openEpoch() public {
        VM.roll(VM.getBlockNumber() + 33);
        elapse(EPOCH_LENGTH);
        (uint64 epoch, ) = committee.openEpoch();
        (bytes32[] memory hashes, uint32[] memory weights) = committee.members();
        for (uint256 i; i < hashes.length; ++i)
            seats[epoch].push(Seat(watchers.operatorOfKey(hashes[i]), weights[i], secretOf[hashes[i]]));
        VM.roll(VM.getBlockNumber() + 2);
    }

    /// @notice Has seats of an epoch convicted, of a trip where it is named, and their stake taken.
    function convict(Offence memory offence) public {
        bytes memory evidence = abi.encode(offence);
        (uint256[2] memory proven, uint256[2] memory wholly) = court.charged(offence.epoch);
        bool landed = offence.coverageId != 0;
        court.commit(court.commitmentOf(address(this), 0, evidence, 0));
        VM.roll(VM.getBlockNumber() + 1);
        uint256 slashId = court.reveal(0, evidence, 0);
        uint256 left = offence.seats[0] & ~wholly[0];
        if (!landed) left &= ~proven[0];
        court.enforce(slashId, ICourt.Slash(offence.epoch, landed, address(this), [left, 0]), OPERATORS);
    }

    /* SIGNING */

    /// @notice A verdict about the newest block, of a rule or, where there is none, a roll call.
    function verdictOf(bytes32 id, bool isRule, bool isA) public view returns (Verdict memory verdict) {
        uint64 height = uint64(VM.getBlockNumber() - 1);
        Rule storage rule = isA ? ruleA : ruleB;
        bytes32 hash = BlockHash.read(height);
        verdict = Verdict(
            uint64(block.chainid),
            id,
            0,
            hash,
            RollCall.SUBJECT,
            height,
            committee.latestEpoch(),
            0,
            0,
            0
        );
        if (!isRule) {
            RollCall.Leaf[] memory leaves = new RollCall.Leaf[](2);
            for (uint256 i; i < 2; ++i) leaves[i].ruleId = ruleIdOf(i == 0);
            verdict.claimsRoot = RollCall.root(leaves);
            return verdict;
        }
        (verdict.ruleId, verdict.subject) = (ruleIdOf(isA), 0);
        (verdict.rung, verdict.life) = (rule.rung, rule.life);
    }

    /// @notice By the seats of a mask that are in the roster.
    function certify(Verdict memory verdict, uint256 mask) public view returns (Certificate memory certificate) {
        Seat[] storage roster = seats[verdict.epoch];
        uint256 secret;
        uint256 absent;
        for (uint256 i; i < roster.length; ++i) {
            if ((mask >> i) & 1 == 1) secret += roster[i].secret;
            else absent |= 1 << i;
        }
        certificate.signature = signatureOf(secret, registry.digest(verdict));
        certificate.seats = new uint256[](absent == 0 ? 0 : 1);
        if (absent != 0) certificate.seats[0] = absent;
    }

    function weightOf(uint64 epoch, uint256 mask) public view returns (uint256 weight) {
        Seat[] storage roster = seats[epoch];
        for (uint256 i; i < roster.length; ++i) if ((mask >> i) & 1 == 1) weight += roster[i].weight;
    }

    /// @notice Books a roll call by which all is clear.
    function bookCall(Verdict memory verdict, uint256 mask) public {
        bytes32[] memory ruleIds = new bytes32[](2);
        for (uint256 i; i < 2; ++i) ruleIds[i] = ruleIdOf(i == 0);
        payroll.bookRollCall(verdict, ruleIds, new Outcome[](2), certify(verdict, mask));
    }

    /* TRIPPING */

    function trip(bytes32 id, bool isA, uint256 mask) public {
        VM.roll(VM.getBlockNumber() + 2);
        Verdict memory verdict = verdictOf(id, true, isA);
        uint64 until = registry.submit(verdict, certify(verdict, mask));
        uint256 all = (1 << seats[verdict.epoch].length) - 1;
        uint256 signers = mask & all & ~registry.struck(verdict.epoch)[0];
        uint256 total = weightOf(verdict.epoch, all);
        note(verdict, isA, Incident(0, [signers, 0], weightOf(verdict.epoch, signers), total, 0, 0, until));
    }

    function tripProven(bytes32 id) public {
        VM.roll(VM.getBlockNumber() + 2);
        Verdict memory verdict = verdictOf(id, true, true);
        uint64 until = registry.tripProven(verdict, uint64(VM.getBlockTimestamp()), PROVER, 0, 0);
        note(verdict, true, Incident(0, [uint256(uint160(PROVER)), 0], 0, 0, 0, 0, until));
    }

    function end(bytes32 id) public {
        VM.prank(OWNER);
        registry.end(id);
    }

    /// @notice Books the incident of a trip.
    function bookTrip(bytes32 id, uint256 index) public {
        Trip[] storage all = trips[id];
        Incident[] memory trail = new Incident[](all.length - index - 1);
        for (uint256 i; i < trail.length; ++i) trail[i] = all[index + 1 + i].incident;
        Trip memory told = all[index];
        bounties.bookIncident(told.verdict, told.previous, told.incident, trail, told.isA ? ruleA : ruleB);
    }

    function fund(ILedger ledger, bytes32 id, uint256 amount) public {
        token.mint(address(this), amount);
        token.approve(address(ledger), amount);
        ledger.deposit(id, uint96(amount));
    }

    /* PRIVATE */

    function join(uint256 who, uint256 stake) private {
        address operator = operatorOf(who);
        token.mint(operator, stake);
        VM.prank(operator);
        token.approve(address(watchers), stake);
        (uint256[8] memory key, uint256[4] memory possession) = fresh(operator);
        VM.prank(operator);
        watchers.register(stake, key, possession, operator, operator);
        committee.writePage(rawOf(key), new uint16[](0));
    }

    function fresh(address operator) private returns (uint256[8] memory key, uint256[4] memory possession) {
        uint256 secret = ++secrets;
        key = keyOf(secret);
        bytes32 keyHash = keccak256(rawOf(key));
        secretOf[keyHash] = secret;
        possession = possessionOf(secret, watchers.possessionMessage(operator, keyHash));
    }

    function nameRules() private {
        address predicate = made("FeedBound", "");
        (ruleA.class, ruleB.class) = (Class.A, Class.B);
        (ruleA.rung, ruleB.rung) = (3, 2);
        (ruleA.life, ruleB.life) = (LIFE, LIFE);
        (ruleA.family, ruleB.family) = ("price", "flow");
        (ruleA.detector, ruleB.detector) = ("feed-bound@1.0.0", "outflow@1.0.0");
        (ruleA.code, ruleA.codeHash, ruleA.gas) = (predicate, predicate.codehash, 50_000);
        ruleA.slots.push(Slot(predicate, 0));
    }

    function cover() private returns (bytes32 id) {
        address target = made("GuardedSample", abi.encode(registry.HUB(), OWNER));
        Rule[] memory rules = new Rule[](2);
        (rules[0], rules[1]) = (ruleA, ruleB);
        VM.prank(OWNER);
        id = registry.cover(target, rules, "{}");
        for (uint256 i; i < 2; ++i) {
            VM.prank(OWNER);
            registry.arm(id, ruleIdOf(i == 0), 0, 0);
        }
    }

    function ruleIdOf(bool isA) private view returns (bytes32) {
        Rule memory rule = isA ? ruleA : ruleB;
        return keccak256(abi.encode(rule));
    }

    /// @dev That the registry keeps the same hash says that it has been told right.
    function note(Verdict memory verdict, bool isA, Incident memory incident) private {
        bytes32 id = verdict.coverageId;
        Trip[] storage all = trips[id];
        (incident.digest, incident.rung) = (registry.digest(verdict), verdict.rung);
        incident.trippedAt = uint64(VM.getBlockTimestamp());
        bytes32 previous = all.length == 0 ? id : hashOf(all[all.length - 1]);
        all.push(Trip(verdict, previous, incident, isA));
        (bytes32 expected, bytes32 found) = (hashOf(all[all.length - 1]), registry.coverage(id).incidents);
        require(found == expected, IncidentsDiffer(expected, found));
    }

    function hashOf(Trip memory told) private pure returns (bytes32) {
        Incident memory it = told.incident;
        (uint256 signed, uint256 total) = (it.signed, it.total);
        return VerdictHash.incident(told.previous, it.digest, it.signers, signed, total, it.rung, it.trippedAt, it.end);
    }
}
