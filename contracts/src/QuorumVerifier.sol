// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Quorum} from "./Quorum.sol";
import {Certificate} from "./Types.sol";
import {Bls} from "./bls/Bls.sol";
import {IQuorumVerifier} from "./interfaces/IQuorumVerifier.sol";

/// @notice The verifier for whoever is not the registry: judges, outposts, explorers, nodes.
contract QuorumVerifier is IQuorumVerifier {
    constructor() {
        Bls.requirePrecompiles();
    }

    /// @inheritdoc IQuorumVerifier
    function verify(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) external view returns (uint256 signed, uint256 total) {
        return Quorum.verify(committee, rosterNonce, digest, certificate);
    }
}
