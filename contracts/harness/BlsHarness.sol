// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Bls} from "../src/bls/Bls.sol";
import {HashToG1} from "../src/bls/HashToG1.sol";

/// @notice The library over bytes. Has no constructor, so it also deploys where the precompiles are missing.
contract BlsHarness {
    function requirePrecompiles() external view {
        Bls.requirePrecompiles();
    }

    function g1Add(bytes memory input) external view returns (bytes memory output) {
        output = new bytes(Bls.G1_SIZE);
        Bls.g1Add(dataOf(input), dataOf(output));
    }

    function g1Mul(bytes memory input) external view returns (bytes memory output) {
        output = new bytes(Bls.G1_SIZE);
        Bls.g1Mul(dataOf(input), dataOf(output));
    }

    function g2Add(bytes memory input) external view returns (bytes memory output) {
        output = new bytes(Bls.G2_SIZE);
        Bls.g2Add(dataOf(input), dataOf(output));
    }

    function mapToG1(bytes memory input) external view returns (bytes memory output) {
        output = new bytes(Bls.G1_SIZE);
        Bls.mapToG1(dataOf(input), dataOf(output));
    }

    function pairsToOne(bytes memory input) external view returns (bool) {
        return Bls.pairsToOne(dataOf(input));
    }

    function sha256At(bytes memory input) external view returns (bytes memory output) {
        output = new bytes(32);
        Bls.sha256At(dataOf(input), input.length, dataOf(output));
    }

    function reduce(bytes memory input) external view returns (bytes memory output) {
        output = new bytes(64);
        Bls.reduce(dataOf(input), dataOf(output));
    }

    function run(
        address precompile,
        uint256 gasCap,
        bytes memory input,
        uint256 outputSize
    ) external view returns (bytes memory output) {
        output = new bytes(outputSize);
        Bls.run(precompile, gasCap, dataOf(input), input.length, dataOf(output), outputSize);
    }

    function negateG2(bytes memory point) external pure returns (bytes memory) {
        Bls.negateG2(dataOf(point));
        return point;
    }

    function generatorG2(bool negated) external pure returns (bytes memory point) {
        point = new bytes(Bls.G2_SIZE);
        Bls.putGeneratorG2(dataOf(point), negated);
    }

    function hash(bytes memory message, bytes memory tag) external view returns (bytes memory) {
        return HashToG1.hash(message, tag);
    }

    function expand(bytes memory message, bytes memory tag, uint16 length) external pure returns (bytes memory) {
        return HashToG1.expand(message, tag, length);
    }

    /// @notice The hash made for gas, over memory that is not zero.
    function hashWord(bytes32 message, bool possession) external view returns (bytes memory point) {
        point = new bytes(0x100);
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let i := 0
            } lt(i, 0x400) {
                i := add(i, 0x20)
            } {
                mstore(add(free, i), not(0))
            }
        }
        HashToG1.hashWord(message, possession ? HashToG1.POSSESSION : HashToG1.SIGNATURE, dataOf(point));
        assembly ("memory-safe") {
            mstore(point, 0x80)
        }
    }

    function dataOf(bytes memory buffer) private pure returns (uint256 region) {
        assembly ("memory-safe") {
            region := add(buffer, 0x20)
        }
    }
}
