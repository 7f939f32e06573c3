// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Incident, Verdict} from "../Types.sol";
import {VerdictHash} from "../VerdictHash.sol";
import {IIncidentBook} from "../interfaces/IIncidentBook.sol";
import {Offence} from "../interfaces/IJudge.sol";
import {IRegistry} from "../interfaces/IRegistry.sol";
import {Occasions} from "./Occasion.sol";

/// @notice The incident that a verdict made, but for what follows from the verdict, and those that have followed it.
struct Landed {
    /// The running hash before it: the coverage id before the first.
    bytes32 previous;
    uint256[2] signers;
    uint256 signed;
    uint256 total;
    uint64 trippedAt;
    uint64 end;
    /// Up to the one whose running hash is known.
    Incident[] trail;
}

/// @notice Who signed a verdict that tripped: the registry has looked at their signatures.
library Landings {
    /// @dev A trip by proof is nobody's word.
    error NobodySigned(bytes32 digest);
    /// @dev Neither booked nor what the registry now keeps of the coverage.
    error IncidentsUnknown(bytes32 coverageId, bytes32 incidents);

    /// @dev Of class A: no other rung trips than the verdict's.
    function offenceOf(
        Landed calldata self,
        Verdict memory verdict,
        IRegistry registry,
        IIncidentBook book
    ) internal view returns (Offence memory) {
        bytes32 digest = Occasions.digestOf(verdict, registry);
        require(self.total != 0, NobodySigned(digest));
        bytes32 hash = hashOf(self, digest, verdict.rung);
        bytes32 id = verdict.coverageId;
        bool known = registry.coverage(id).incidents == hash || isBooked(book, registry, id, hash);
        require(known, IncidentsUnknown(id, hash));
        return
            Offence({
                epoch: verdict.epoch,
                seats: self.signers,
                coverageId: id,
                rung: verdict.rung,
                trippedAt: self.trippedAt,
                end: self.end
            });
    }

    /// @notice The running hash after the last incident of the trail.
    function hashOf(Landed calldata self, bytes32 digest, uint8 rung) private pure returns (bytes32 hash) {
        hash = VerdictHash.incident(
            self.previous,
            digest,
            self.signers,
            self.signed,
            self.total,
            rung,
            self.trippedAt,
            self.end
        );
        for (uint256 i; i < self.trail.length; ++i) {
            Incident calldata next = self.trail[i];
            hash = VerdictHash.incident(
                hash,
                next.digest,
                next.signers,
                next.signed,
                next.total,
                next.rung,
                next.trippedAt,
                next.end
            );
        }
    }

    function isBooked(IIncidentBook book, IRegistry registry, bytes32 id, bytes32 hash) private view returns (bool) {
        return address(book.REGISTRY()) == address(registry) && book.bookedAt(id, hash) != 0;
    }
}
