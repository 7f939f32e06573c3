// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Certificate} from "../Types.sol";

/// @notice Says how much stake stands behind a digest. Keeps no state: the roster and its keys are contract code.
interface IQuorumVerifier {
    /// @dev No contract at `roster`, or not as long as its own seat count says.
    error RosterMissing(address roster);
    error RosterEmpty(address roster);
    /// @dev No contract at `page`, or it ends before the key that a seat points at.
    error PageMissing(address page);
    error BitmapLength(uint256 length, uint256 expected);
    /// @dev Bits of the last word that lie past the last seat.
    error SeatsUnknown(uint256 bits);
    /// @dev Lists the signers though the absent are no more, the absent though the signers are fewer, or nobody in words.
    error CertificateNotCanonical(bool listsSigners, uint256 listed, uint256 seats);
    error SignatureIsInfinity();
    /// @dev The keys that are said to have signed cancel out.
    error KeysAreInfinity();
    error SignatureInvalid(bytes32 digest);

    /// @notice Weight of the seats whose aggregate signature of `digest` this is, and of all seats.
    /// @dev Warning: says nothing about quorum, about the roster being in force, or about the digest's meaning.
    /// @param committee Contract that created the roster and its pages.
    /// @param rosterNonce Creation nonce of the roster.
    function verify(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) external view returns (uint256 signed, uint256 total);
}
