// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Quorum} from "../src/Quorum.sol";
import {Certificate} from "../src/Types.sol";
import {HashToG1} from "../src/bls/HashToG1.sol";

/// @notice What `Quorum.verify` says, without assembly or care for gas; for well-formed certificates.
library QuorumPlain {
    using Bytes for bytes;

    bytes private constant TAG = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
    bytes private constant G2 =
        hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb80000000000000000000000000000000013e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e000000000000000000000000000000000ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801000000000000000000000000000000000606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be";
    bytes private constant NEGATED_G2 =
        hex"00000000000000000000000000000000024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb80000000000000000000000000000000013e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e000000000000000000000000000000000d1b3cc2c7027888be51d9ef691d77bcb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa0000000000000000000000000000000013fa4d4a0ad8b1ce186ed5061789213d993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed";

    function verify(
        address committee,
        uint32 rosterNonce,
        bytes32 digest,
        Certificate calldata certificate
    ) internal view returns (uint256 signed, uint256 total) {
        bytes memory roster = Quorum.child(committee, rosterNonce).code;
        total = uint64(bytes8(roster.slice(193, 201)));
        uint256 seats = uint16(bytes2(roster.slice(201, 203)));
        bytes memory keys = new bytes(256);
        if (!certificate.listsSigners) {
            keys = pad(roster.slice(1, 193));
            signed = total;
        }
        for (uint256 seat; seat < seats; ++seat) {
            if (certificate.seats.length == 0) break;
            if ((certificate.seats[seat / 256] >> (seat % 256)) & 1 == 0) continue;
            bytes memory entry = roster.slice(203 + 8 * seat, 211 + 8 * seat);
            bytes memory page = Quorum.child(committee, uint24(bytes3(entry.slice(0, 3)))).code;
            uint256 offset = 1 + 192 * uint256(uint8(entry[3]));
            keys = call(0x0d, bytes.concat(keys, pad(page.slice(offset, offset + 192))));
            uint256 weight = uint32(bytes4(entry.slice(4, 8)));
            signed = certificate.listsSigners ? signed + weight : signed - weight;
        }
        bytes memory left = bytes.concat(abi.encode(certificate.signature), certificate.listsSigners ? NEGATED_G2 : G2);
        bytes memory right = bytes.concat(HashToG1.hash(bytes.concat(digest), TAG), keys);
        require(uint256(bytes32(call(0x0f, bytes.concat(left, right)))) == 1);
    }

    function pad(bytes memory raw) private pure returns (bytes memory point) {
        for (uint256 i; i < 192; i += 48) point = bytes.concat(point, bytes16(0), raw.slice(i, i + 48));
    }

    function call(uint160 precompile, bytes memory input) private view returns (bytes memory) {
        (bool done, bytes memory output) = address(precompile).staticcall(input);
        require(done);
        return output;
    }
}
