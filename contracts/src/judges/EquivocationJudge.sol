// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../Quorum.sol";
import {Certificate, Verdict} from "../Types.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {IEquivocationJudge} from "../interfaces/IEquivocationJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";

/// @notice Finds the seats that signed two different verdicts under one key.
/// @dev Role: `strike` of each registry that names it, which it is asked for by name. Worst use: none but what two
/// signatures of the same seat prove; what another contract answers in a registry's place strikes only there.
/// @dev The verdicts need not be true, in force or recent, and a quorum is not asked: a signature is what is proven.
/// @dev Both must claim one epoch. Seats are numbers of a roster, and the same number is another watcher in the next;
/// the epoch follows from the block in the key, so of two claims one is false, and the registry refuses that one whoever
/// signed it.
contract EquivocationJudge is IEquivocationJudge {
    /// @inheritdoc IEquivocationJudge
    function judge(
        IRegistry registry,
        Verdict calldata first,
        Certificate calldata certificateOfFirst,
        Verdict calldata second,
        Certificate calldata certificateOfSecond
    ) external {
        (bytes32 key, bytes32 keyOfSecond) = (registry.keyDigest(first), registry.keyDigest(second));
        require(key == keyOfSecond, KeysDiffer(key, keyOfSecond));
        (bytes32 digest, bytes32 digestOfSecond) = (registry.digest(first), registry.digest(second));
        require(digest != digestOfSecond, VerdictsEqual(digest));
        uint64 epoch = first.epoch;
        require(epoch == second.epoch, EpochsDiffer(epoch, second.epoch));
        ICommittee committee = registry.COMMITTEE();
        ICommittee.Roster memory roster = committee.roster(epoch);
        require(roster.openedAt != 0, EpochUnknown(epoch));
        Quorum.verify(address(committee), roster.nonce, digest, certificateOfFirst);
        Quorum.verify(address(committee), roster.nonce, digestOfSecond, certificateOfSecond);
        uint256[2] memory seats = Quorum.signers(certificateOfFirst, roster.seats);
        uint256[2] memory others = Quorum.signers(certificateOfSecond, roster.seats);
        seats[0] &= others[0];
        seats[1] &= others[1];
        require(seats[0] | seats[1] != 0, NoOffender(epoch));
        emit Equivocated(registry, epoch, key, digest, digestOfSecond, seats);
        registry.strike(epoch, seats);
    }
}
