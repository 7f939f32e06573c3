// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Verdict} from "../../../contracts/src/Types.sol";
import {IBounties} from "../../../contracts/src/interfaces/IBounties.sol";
import {Offence} from "../../../contracts/src/interfaces/IJudge.sol";
import {ILedger} from "../../../contracts/src/interfaces/ILedger.sol";
import {PayWorld} from "./PayWorld.sol";
import {elapse, VM, within} from "./Vm.sol";

/// @notice Owners, watchers, disputers and arbiters who act at random, and a plain account of what each claim should pay.
contract PayMoves is PayWorld {
    error PaidOtherwise(address operator, bytes32 coverageId, uint256 due, uint256 paid);
    error HeldBack(address operator, bytes32 coverageId, bytes reason);
    error TakenBack(bytes32 coverageId, bytes32 asked, bytes32 incidents);

    uint256 internal constant LIARS = 2;

    uint256 internal liars;
    /// @notice Claims by which somebody was not paid what struck seats had earned.
    uint256 public forfeits;
    bytes32[2][2] internal askedAt;

    constructor(uint256[OPERATORS] memory stakes) PayWorld(stakes) {}

    /* ACTS: what is not due is refused, and changes nothing */

    function deposit(uint256 seed) external {
        fund(ledgerOf(seed), idOf(seed), within(seed >> 8, 1, 1e9));
    }

    /// @dev Asks, waits and withdraws, or only some of it; while it waits the coverage may be tripped.
    function withdraw(uint256 seed) external {
        (ILedger ledger, bytes32 id) = (ledgerOf(seed), idOf(seed));
        if (seed & 4 == 0) {
            VM.prank(OWNER);
            ledger.askWithdrawal(id, uint96(within(seed >> 8, 1, 1e9)));
            askedAt[seed & 1][(seed >> 1) & 1] = registry.coverage(id).incidents;
        }
        if (seed & 8 == 0) VM.roll(VM.getBlockNumber() + NOTICE);
        if (seed & 0x10 == 0) {
            end(id);
            try this.trip(id, seed & 0x20 == 0, type(uint256).max) {} catch {}
        }
        bytes32 incidents = registry.coverage(id).incidents;
        VM.prank(OWNER);
        try ledger.withdraw(id) {
            bytes32 asked = askedAt[seed & 1][(seed >> 1) & 1];
            require(asked == incidents, TakenBack(id, asked, incidents));
        } catch {}
    }

    function name(uint256 seed) external {
        address arbiter = seed & 1 == 0 ? ARBITER : address(0);
        VM.prank(OWNER);
        try
            terms.name(
                idOf(seed),
                uint96(within(seed >> 8, 0, 1e8)),
                uint96(within(seed >> 40, 0, 1e6)),
                uint96(within(seed >> 72, 0, 1e8)),
                arbiter
            )
        {} catch {}
    }

    /// @dev More signers of the same block add themselves.
    function call(uint256 seed) external {
        VM.roll(VM.getBlockNumber() + 1);
        Verdict memory verdict = verdictOf(idOf(seed), false, false);
        try this.bookCall(verdict, (seed >> 8) | 1) {} catch {}
        if (seed & 1 != 0) return;
        try this.bookCall(verdict, (seed >> 16) | 1) {} catch {}
    }

    function stop(uint256 seed) external {
        bytes32 id = idOf(seed);
        if (seed & 0xc != 0) end(id);
        if (seed & 0x70 == 0) {
            try this.tripProven(id) {} catch {}
        } else try this.trip(id, seed & 1 == 0, (seed >> 8) | (seed >> 16)) {} catch {}
        if (seed & 0x100000000 == 0) bookSome(id, seed >> 40);
    }

    function book(uint256 seed) external {
        bookSome(idOf(seed), seed >> 8);
    }

    function claim(uint256 seed) external {
        claimOf(ledgerOf(seed), idOf(seed), operatorOf(seed >> 8), within(seed >> 16, 1, 6));
    }

    function argue(uint256 seed) external {
        bytes32 id = idOf(seed);
        uint256 count = bounties.accountOf(id).entries;
        if (count == 0) return;
        uint256 entry = count - 1 - ((seed >> 8) % (count < 3 ? count : 3));
        if (seed & 4 == 0) {
            IBounties.Bounty memory bounty = bounties.bountyOf(id, entry);
            uint256 bond = uint256(bounty.rate) * bounty.signed;
            token.mint(address(this), bond);
            token.approve(address(bounties), bond);
            try bounties.dispute(id, entry) {} catch {}
        }
        if (seed & 8 == 0) {
            VM.prank(ARBITER);
            try bounties.decide(id, entry, seed & 0x10 == 0) {} catch {}
        }
        try bounties.lapse(id, entry) {} catch {}
    }

    function collect() external {
        try bounties.collect(address(this)) {} catch {}
        try bounties.collect(PROVER) {} catch {}
    }

    /// @dev Evidence that convicts nobody any more is refused.
    function strike(uint256 seed) external {
        uint64 epoch = committee.latestEpoch();
        uint256 seat = (seed >> 8) % seats[epoch].length;
        if (liars == LIARS) return;
        bytes32 landed = seed & 1 == 0 ? bytes32(0) : ids[0];
        try this.convict(Offence(epoch, [uint256(1) << seat, 0], landed, 3, 1, 2)) {
            ++liars;
        } catch {}
    }

    function reopen(uint256 seed) external {
        address operator = operatorOf(seed);
        if (seed & 0x100 == 0) {
            try this.rotate(operator) {} catch {}
        }
        openEpoch();
    }

    function wait(uint256 seed) external {
        elapse(within(seed, 1, 250));
        VM.roll(VM.getBlockNumber() + within(seed >> 16, 1, 40));
    }

    /// @notice Lets the next incident of any rung be paid.
    function rest() external {
        elapse(6 hours);
    }

    /// @notice Lets everything be settled, and claims it for everybody.
    function finish() external {
        elapse(WINDOW + RULING);
        VM.roll(VM.getBlockNumber() + 33);
        for (uint256 i; i < 4; ++i)
            for (uint256 who; who < OPERATORS; ++who)
                // By the first what is settled already, by the second what is settled now.
                for (uint256 times; times < 2; ++times)
                    claimOf(ledgerOf(i), idOf(i), operatorOf(who), type(uint256).max);
    }

    /* VIEWS */

    function ledgerOf(uint256 seed) public view returns (ILedger) {
        return seed & 1 == 0 ? ILedger(payroll) : ILedger(bounties);
    }

    function idOf(uint256 seed) public view returns (bytes32) {
        return ids[(seed >> 1) & 1];
    }

    /// @notice Bonds that nobody has decided about, and credits.
    function promised() external view returns (uint256 sum) {
        for (uint256 which; which < 2; ++which) {
            uint256 entries = bounties.accountOf(ids[which]).entries;
            for (uint256 entry; entry < entries; ++entry) {
                if (bounties.bountyOf(ids[which], entry).state != IBounties.State.Disputed) continue;
                sum += bounties.disputeOf(ids[which], entry).bond;
            }
        }
        sum += bounties.creditOf(address(this)) + bounties.creditOf(PROVER);
    }

    /// @notice What the entries of a book owe to all who have not yet claimed them, struck or not: seat by seat.
    function unclaimed(ILedger ledger, bytes32 id) external view returns (uint256 sum) {
        uint256 entries = ledger.accountOf(id).entries;
        for (uint256 who; who < OPERATORS; ++who) {
            uint256 from = ledger.cursorOf(id, operatorOf(who)).entry;
            (, uint256 earned) = owedBy(ledger, id, operatorOf(who), from, entries);
            sum += earned;
        }
    }

    /* PRIVATE */

    function bookSome(bytes32 id, uint256 seed) private {
        uint256 count = trips[id].length;
        if (count == 0) return;
        // Mostly the newest.
        uint256 index = seed & 0xc != 0 ? count - 1 : (seed >> 8) % count;
        try this.bookTrip(id, index) {} catch {}
        Trip memory told = trips[id][index];
        try
            bounties.addSigners(told.verdict, told.previous, told.incident, certify(told.verdict, (seed >> 16) | 1))
        {} catch {}
    }

    /// @dev A claim pays what the entries that it passes owe, and nothing of struck seats; whoever is refused is owed nothing
    /// that is settled.
    function claimOf(ILedger ledger, bytes32 id, address operator, uint256 max) private {
        uint256 from = ledger.cursorOf(id, operator).entry;
        uint256 before = token.balanceOf(operator);
        try ledger.claim(operator, id, max) returns (uint256 paid) {
            uint256 to = ledger.cursorOf(id, operator).entry;
            (uint256 due, uint256 earned) = owedBy(ledger, id, operator, from, to);
            bool isSo = paid == due && token.balanceOf(operator) - before == paid;
            require(isSo, PaidOtherwise(operator, id, due, paid));
            if (earned != due) ++forfeits;
        } catch (bytes memory reason) {
            bool isOver = bytes4(reason) == ILedger.NothingToClaim.selector && from == settledEnd(ledger, id);
            require(isOver, HeldBack(operator, id, reason));
        }
    }

    /// @notice The first entry that may not be claimed yet.
    function settledEnd(ILedger ledger, bytes32 id) private view returns (uint256 entry) {
        uint256 entries = ledger.accountOf(id).entries;
        if (address(ledger) == address(bounties)) {
            while (entry < entries && VM.getBlockTimestamp() >= bounties.bountyOf(id, entry).until) ++entry;
            return entry;
        }
        bool isLate = entries == 0 || VM.getBlockNumber() > payroll.callOf(id, entries - 1).height + 32;
        return isLate ? entries : entries - 1;
    }

    /// @notice What entries from one to another owe an operator, and would if no seat were struck: by the last run that began
    /// before each.
    function owedBy(
        ILedger ledger,
        bytes32 id,
        address operator,
        uint256 from,
        uint256 to
    ) private view returns (uint256 due, uint256 earned) {
        uint256 runs = ledger.accountOf(id).runs;
        uint256 run;
        for (uint256 entry = from; entry < to; ++entry) {
            while (run < runs && ledger.runOf(id, run + 1).first <= entry) ++run;
            uint64 epoch =
                address(ledger) == address(payroll)
                    ? payroll.callOf(id, entry).epoch
                    : bounties.bountyOf(id, entry).epoch;
            uint256 signers = ledger.seatsOf(id, entry)[0];
            for (uint256 i; i < seats[epoch].length; ++i) {
                if ((signers >> i) & 1 == 0 || seats[epoch][i].operator != operator) continue;
                uint256 amount = ledger.runOf(id, run).rate * seats[epoch][i].weight;
                earned += amount;
                if ((registry.struck(epoch)[0] >> i) & 1 == 0) due += amount;
            }
        }
    }
}
