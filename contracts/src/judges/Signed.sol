// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../Quorum.sol";
import {Certificate, Verdict} from "../Types.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {Offence} from "../interfaces/IJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Occasions} from "./Occasion.sol";

/// @notice Who signed a verdict, by a certificate that need have no quorum and may have tripped nothing.
library Signed {
    error EpochUnknown(uint64 epoch);

    function offenceOf(
        Certificate calldata certificate,
        Verdict memory verdict,
        IRegistry registry
    ) internal view returns (Offence memory offence) {
        offence.epoch = verdict.epoch;
        ICommittee committee = registry.COMMITTEE();
        ICommittee.Roster memory roster = committee.roster(verdict.epoch);
        require(roster.openedAt != 0, EpochUnknown(verdict.epoch));
        Quorum.verify(address(committee), roster.nonce, Occasions.digestOf(verdict, registry), certificate);
        offence.seats = Quorum.signers(certificate, roster.seats);
    }
}
