// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardedSample} from "../../../contracts/harness/GuardedSample.sol";
import {IBreakerHub} from "../../../contracts/src/interfaces/IBreakerHub.sol";
import {HubMoves} from "./HubMoves.sol";
import {elapse, VM} from "./Vm.sol";

/// @notice Whatever a registry has its hub do, and whenever.
/// @dev What holds for each move is required where it is made: a move that reverts fails the run.
contract HubLadderTest {
    error RungsDiffer(uint8 hub, uint8 target, uint8 expected);
    error TripDiffers(uint8 rung, uint256 first, uint256 until);
    error Lingers(uint8 hub, uint8 target);

    HubMoves internal moves;
    IBreakerHub internal hub;
    GuardedSample internal target;

    function setUp() external {
        VM.warp(1_700_000_000);
        VM.roll(1_000);
        moves = new HubMoves();
        (hub, target) = (moves.HUB(), moves.TARGET());
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(moves);
    }

    function invariant_the_target_is_at_the_rung_that_the_hub_records() external view {
        uint8 expected;
        for (uint8 rung = 1; rung <= 3; ++rung) if (moves.untils(rung) > VM.getBlockTimestamp()) expected = rung;
        bool same = hub.rungOf(address(target)) == expected && target.rung() == expected;
        require(same, RungsDiffer(hub.rungOf(address(target)), target.rung(), expected));
    }

    function invariant_a_trip_is_recorded_from_its_first_to_its_end() external view {
        for (uint8 rung = 1; rung <= 3; ++rung) {
            IBreakerHub.Trip memory trip = hub.tripOf(address(target), rung);
            bool same = trip.first == moves.firsts(rung) && trip.end == moves.untils(rung);
            require(same, TripDiffers(rung, trip.first, trip.end));
            require(trip.end <= trip.first + hub.longestLife(rung), TripDiffers(rung, trip.first, trip.end));
        }
    }

    function invariant_a_day_of_silence_ends_every_rung() external {
        elapse(1 days);
        bool over = hub.rungOf(address(target)) == 0 && target.rung() == 0;
        require(over, Lingers(hub.rungOf(address(target)), target.rung()));
    }
}
