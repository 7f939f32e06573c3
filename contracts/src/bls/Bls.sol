// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The precompiles of EIP-2537, sha256 and modexp over memory: every argument is the address of a memory region.
/// @dev Points are as EIP-2537 takes them: 64 bytes a coordinate, Fp2 as c0, c1; infinity is all zeros.
/// @dev Warning: G1ADD and G2ADD do not check the subgroup; G1MSM and the pairing do.
library Bls {
    /// @dev The precompile refused its input, or the chain does not have it.
    error PrecompileFailed(address precompile);

    uint256 internal constant G1_SIZE = 0x80;
    uint256 internal constant G2_SIZE = 0x100;
    uint256 internal constant PAIR_SIZE = 0x180;

    // The field's modulus, 16 and 32 bytes.
    uint256 internal constant P_HIGH = 0x1a0111ea397fe69a4b1ba7b6434bacd7;
    uint256 internal constant P_LOW = 0x64774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab;

    address private constant SHA256 = address(0x02);
    address private constant MODEXP = address(0x05);
    address private constant G1ADD = address(0x0b);
    address private constant G1MSM = address(0x0c);
    address private constant G2ADD = address(0x0d);
    address private constant PAIRING = address(0x0f);
    address private constant MAP_FP_TO_G1 = address(0x10);

    // Twice what each costs on osaka: a refused input burns all it was handed, a repricing must not stop the registry.
    uint256 private constant SHA256_GAS = 600; // inputs up to 256 bytes
    uint256 private constant MODEXP_GAS = 1_000; // 64-byte base and modulus, 1-byte exponent
    uint256 private constant G1ADD_GAS = 750;
    uint256 private constant G1MSM_GAS = 24_000; // one pair
    uint256 private constant G2ADD_GAS = 1_200;
    uint256 private constant PAIRING_GAS = 205_800; // two pairs
    uint256 private constant MAP_FP_TO_G1_GAS = 11_000;

    bytes32 private constant TWICE_G1 = 0xd2b0d7b43ce993a817a069205ed3d7a139117befb9c0865d520f91ba88ac133b;
    bytes32 private constant TWICE_G2 = 0xca1308ad7babea380be417af0920e37dad333649603f01c9f44687ede587e7f9;
    bytes32 private constant MAP_OF_ONE = 0x9ac8949dc0f430c817214cedce245bb027db3b6619be3698a316f245aecd6f59;

    /* MEMORY */

    /// @notice Reserves `size` bytes; not zeroed.
    function allocate(uint256 size) internal pure returns (uint256 region) {
        assembly ("memory-safe") {
            region := mload(0x40)
            mstore(0x40, add(region, size))
        }
    }

    function clear(uint256 region, uint256 size) internal pure {
        assembly ("memory-safe") {
            calldatacopy(region, calldatasize(), size)
        }
    }

    function isInfinityG1(uint256 point) internal pure returns (bool infinity) {
        assembly ("memory-safe") {
            infinity := iszero(
                or(or(mload(point), mload(add(point, 0x20))), or(mload(add(point, 0x40)), mload(add(point, 0x60))))
            )
        }
    }

    function isInfinityG2(uint256 point) internal pure returns (bool) {
        return isInfinityG1(point) && isInfinityG1(point + G1_SIZE);
    }

    /// @notice point := -point, for a point that a precompile has given.
    function negateG2(uint256 point) internal pure {
        negate(point + 0x80);
        negate(point + 0xc0);
    }

    /// @dev element := -element; canonical, so P - element does not wrap.
    function negate(uint256 element) private pure {
        assembly ("memory-safe") {
            let high := mload(element)
            let low := mload(add(element, 0x20))
            if or(high, low) {
                mstore(element, sub(sub(P_HIGH, high), gt(low, P_LOW)))
                mstore(add(element, 0x20), sub(P_LOW, low))
            }
        }
    }

    /// @notice Writes the generator of G2, or its negation.
    function putGeneratorG2(uint256 point, bool negated) internal pure {
        assembly ("memory-safe") {
            mstore(point, 0x024aa2b2f08f0a91260805272dc51051)
            mstore(add(point, 0x20), 0xc6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8)
            mstore(add(point, 0x40), 0x13e02b6052719f607dacd3a088274f65)
            mstore(add(point, 0x60), 0x596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e)
            switch negated
            case 0 {
                mstore(add(point, 0x80), 0x0ce5d527727d6e118cc9cdc6da2e351a)
                mstore(add(point, 0xa0), 0xadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801)
                mstore(add(point, 0xc0), 0x0606c4a02ea734cc32acd2b02bc28b99)
                mstore(add(point, 0xe0), 0xcb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be)
            }
            default {
                mstore(add(point, 0x80), 0x0d1b3cc2c7027888be51d9ef691d77bc)
                mstore(add(point, 0xa0), 0xb679afda66c73f17f9ee3837a55024f78c71363275a75d75d86bab79f74782aa)
                mstore(add(point, 0xc0), 0x13fa4d4a0ad8b1ce186ed5061789213d)
                mstore(add(point, 0xe0), 0x993923066dddaf1040bc3ff59f825c78df74f2d75467e25e0f55f8a00fa030ed)
            }
        }
    }

    function putGeneratorG1(uint256 point) internal pure {
        assembly ("memory-safe") {
            mstore(point, 0x17f1d3a73197d7942695638c4fa9ac0f)
            mstore(add(point, 0x20), 0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb)
            mstore(add(point, 0x40), 0x08b3f481e3aaa0f1a09e30ed741d8ae4)
            mstore(add(point, 0x60), 0xfcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1)
        }
    }

    /* PRECOMPILES */

    /// @notice output := input[0] + input[1], on the curve of G1.
    function g1Add(uint256 input, uint256 output) internal view {
        run(G1ADD, G1ADD_GAS, input, 2 * G1_SIZE, output, G1_SIZE);
    }

    /// @notice output := point * scalar, where the scalar's 32 bytes follow the point.
    function g1Mul(uint256 input, uint256 output) internal view {
        run(G1MSM, G1MSM_GAS, input, G1_SIZE + 0x20, output, G1_SIZE);
    }

    /// @notice output := input[0] + input[1], on the twist of G2.
    function g2Add(uint256 input, uint256 output) internal view {
        run(G2ADD, G2ADD_GAS, input, 2 * G2_SIZE, output, G2_SIZE);
    }

    /// @notice Maps a canonical field element of 64 bytes to G1, cofactor cleared.
    function mapToG1(uint256 input, uint256 output) internal view {
        run(MAP_FP_TO_G1, MAP_FP_TO_G1_GAS, input, 0x40, output, G1_SIZE);
    }

    /// @notice Whether the pairings of two (G1, G2) pairs multiply to one.
    /// @dev Warning: a pair with infinity on either side always does; refuse infinity first.
    function pairsToOne(uint256 input) internal view returns (bool one) {
        run(PAIRING, PAIRING_GAS, input, 2 * PAIR_SIZE, 0, 0x20);
        assembly ("memory-safe") {
            one := eq(mload(0), 1)
        }
    }

    /// @notice output := sha256 of `size` bytes, at most 256.
    function sha256At(uint256 input, uint256 size, uint256 output) internal view {
        run(SHA256, SHA256_GAS, input, size, output, 0x20);
    }

    /// @notice output := 64-byte base mod 64-byte modulus; `input` is a whole modexp call with exponent one.
    function reduce(uint256 input, uint256 output) internal view {
        run(MODEXP, MODEXP_GAS, input, 0xe1, output, 0x40);
    }

    /// @dev A missing precompile succeeds with empty return data, so the size is checked on every call.
    function run(
        address precompile,
        uint256 gasCap,
        uint256 input,
        uint256 inputSize,
        uint256 output,
        uint256 outputSize
    ) internal view {
        bool ran;
        assembly ("memory-safe") {
            // Yul evaluates from the right: the size is read after the call.
            ran := and(
                eq(returndatasize(), outputSize),
                staticcall(gasCap, precompile, input, inputSize, output, outputSize)
            )
        }
        require(ran, PrecompileFailed(precompile));
    }

    /* KNOWN ANSWERS */

    /// @notice Reverts, naming the precompile, unless each gives a known answer: for constructors.
    function requirePrecompiles() internal view {
        uint256 input = allocate(0x300);

        putGeneratorG1(input);
        putGeneratorG1(input + G1_SIZE);
        g1Add(input, input);
        requireAnswer(G1ADD, input, G1_SIZE, TWICE_G1);

        putGeneratorG1(input);
        store(input + G1_SIZE, 2);
        g1Mul(input, input);
        requireAnswer(G1MSM, input, G1_SIZE, TWICE_G1);

        putGeneratorG2(input, false);
        putGeneratorG2(input + G2_SIZE, false);
        g2Add(input, input);
        requireAnswer(G2ADD, input, G2_SIZE, TWICE_G2);

        clear(input, 0x40);
        store(input + 0x20, 1);
        mapToG1(input, input);
        requireAnswer(MAP_FP_TO_G1, input, G1_SIZE, MAP_OF_ONE);

        putGeneratorG1(input);
        putGeneratorG1(input + PAIR_SIZE);
        putGeneratorG2(input + G1_SIZE, false);
        putGeneratorG2(input + PAIR_SIZE + G1_SIZE, true);
        require(pairsToOne(input), PrecompileFailed(PAIRING));
        putGeneratorG2(input + PAIR_SIZE + G1_SIZE, false);
        require(!pairsToOne(input), PrecompileFailed(PAIRING));
    }

    function requireAnswer(address precompile, uint256 output, uint256 size, bytes32 expected) private pure {
        bytes32 found;
        assembly ("memory-safe") {
            found := keccak256(output, size)
        }
        require(found == expected, PrecompileFailed(precompile));
    }

    function store(uint256 region, uint256 word) private pure {
        assembly ("memory-safe") {
            mstore(region, word)
        }
    }
}
