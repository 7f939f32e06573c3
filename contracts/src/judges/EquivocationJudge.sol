// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../Quorum.sol";
import {Certificate, Verdict} from "../Types.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {IEquivocationJudge} from "../interfaces/IEquivocationJudge.sol";
import {IJudge, Offence} from "../interfaces/IJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";

/// @notice Finds the seats that signed two different verdicts under one key.
/// @dev Worst use: none but what two signatures of the same seat prove.
/// @dev The verdicts need not be true, in force or recent, and a quorum is not asked: a signature is what is proven.
/// @dev Both must claim one epoch. Seats are numbers of a roster, and the same number is another watcher in the next;
/// the epoch follows from the block in the key, so of two claims one is false, and the registry refuses that one whoever
/// signed it.
contract EquivocationJudge is IEquivocationJudge {
    /// @inheritdoc IJudge
    function judge(IRegistry registry, bytes calldata evidence) external view returns (Offence memory offence) {
        (Verdict memory first, Certificate memory a, Verdict memory second, Certificate memory b) = abi.decode(
            evidence,
            (Verdict, Certificate, Verdict, Certificate)
        );
        (offence.epoch, offence.seats) = this.compare(registry, first, a, second, b);
    }

    /// @inheritdoc IEquivocationJudge
    function compare(
        IRegistry registry,
        Verdict calldata first,
        Certificate calldata certificateOfFirst,
        Verdict calldata second,
        Certificate calldata certificateOfSecond
    ) external view returns (uint64 epoch, uint256[2] memory seats) {
        (bytes32 key, bytes32 keyOfSecond) = (registry.keyDigest(first), registry.keyDigest(second));
        require(key == keyOfSecond, KeysDiffer(key, keyOfSecond));
        (bytes32 digest, bytes32 digestOfSecond) = (registry.digest(first), registry.digest(second));
        require(digest != digestOfSecond, VerdictsEqual(digest));
        epoch = first.epoch;
        require(epoch == second.epoch, EpochsDiffer(epoch, second.epoch));
        ICommittee committee = registry.COMMITTEE();
        ICommittee.Roster memory roster = committee.roster(epoch);
        require(roster.openedAt != 0, EpochUnknown(epoch));
        Quorum.verify(address(committee), roster.nonce, digest, certificateOfFirst);
        Quorum.verify(address(committee), roster.nonce, digestOfSecond, certificateOfSecond);
        seats = Quorum.signers(certificateOfFirst, roster.seats);
        uint256[2] memory others = Quorum.signers(certificateOfSecond, roster.seats);
        seats[0] &= others[0];
        seats[1] &= others[1];
        require(seats[0] | seats[1] != 0, NoOffender(epoch));
    }
}
