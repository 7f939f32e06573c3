// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "../Quorum.sol";
import {Certificate, Verdict} from "../Types.sol";
import {ICommittee} from "../interfaces/ICommittee.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {IQuorumVerifier} from "../interfaces/IQuorumVerifier.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";

/// @notice Seats that signed a verdict and count, their weight, and what the registry would know of their roster.
struct Signed {
    uint256[2] seats;
    uint256 weight;
    uint256 total;
    uint32 nonce;
}

/// @notice Who signed a verdict, as the registry would see it: it asks no quorum of them, no rule, and not how old it is.
library Signers {
    /// @dev The registry's own: no certificate counts longer, so whoever signs later watched nothing.
    uint256 internal constant MAX_AGE = 32;

    /// @param without Seats that do not count, beside those that are struck.
    function verify(
        IRegistry registry,
        IQuorumVerifier verifier,
        Verdict calldata verdict,
        Certificate calldata certificate,
        uint256[2] memory without
    ) internal view returns (Signed memory signed) {
        ICommittee committee = registry.COMMITTEE();
        (uint64 epoch, uint64 height) = (verdict.epoch, verdict.height);
        ICommittee.Roster memory roster = committee.roster(epoch);
        uint64 last = roster.supersededAt;
        bool inForce = roster.openedAt != 0 && height > roster.openedAt && (last == 0 || height <= last);
        require(inForce, IRegistry.RosterNotInForce(epoch, height));
        require(block.timestamp <= roster.validUntil, IRegistry.RosterExpired(epoch, roster.validUntil));
        signed.nonce = roster.nonce;
        bytes32 digest = registry.digest(verdict);
        (signed.weight, signed.total) = verifier.verify(address(committee), roster.nonce, digest, certificate);
        signed.seats = Quorum.signers(certificate, roster.seats);
        uint256[2] memory struck = registry.struck(epoch);
        uint256 first = signed.seats[0] & (without[0] | struck[0]);
        uint256 second = signed.seats[1] & (without[1] | struck[1]);
        if (first | second == 0) return signed;
        (signed.seats[0], signed.seats[1]) = (signed.seats[0] ^ first, signed.seats[1] ^ second);
        signed.weight -= Quorum.weightOf(address(committee), roster.nonce, [first, second]);
    }

    function requireRecent(uint64 height) internal view {
        uint256 oldest = block.number > MAX_AGE ? block.number - MAX_AGE : 0;
        bool recent = height >= oldest && height < block.number;
        require(recent, ILedger.HeightOutOfReach(height, oldest, block.number));
    }
}
