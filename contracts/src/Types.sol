// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a verdict may do follows from how well it can be proven: A by storage proof, B by replay, C by nobody.
enum Class {
    None,
    A,
    B,
    C
}

/// @notice The second set of values a predicate may look at: none, the same slots `lookback` blocks back, or at the
/// anchor block stored when the rule was armed.
enum Reference {
    None,
    Lookback,
    Anchor
}

/// @notice Shadow rules are attested but never trip; armed ones trip.
enum Phase {
    None,
    Shadow,
    Armed
}

/// @notice One storage slot of one account.
struct Slot {
    address account;
    bytes32 slot;
}

/// @notice Everything that decides what a rule says; its hash is the rule id.
struct Rule {
    Class class;
    /// Highest rung a verdict of this rule may carry, 1 to 3.
    uint8 rung;
    /// Seconds a trip lasts.
    uint32 life;
    /// Short ASCII name of the failure it looks for, left-aligned; two rules of one family never corroborate each other.
    bytes32 family;
    /// Name and semantic version, `name@1.2.3`.
    string detector;
    /// Contract that is run (predicate or sentinel), zero for a detector of the node; pinned by `codeHash`.
    address code;
    bytes32 codeHash;
    /// Gas one evaluation is given.
    uint32 gas;
    Reference reference_;
    /// Blocks back of the reference, zero unless `reference_` is Lookback.
    uint16 lookback;
    /// The predicate must also hold this many blocks earlier; zero asks once.
    uint16 hold;
    /// Block a fold starts at; zero when the rule keeps no state.
    uint64 startBlock;
    Slot[] slots;
    bytes params;
}

/// @notice A finding in its one canonical encoding. The first five fields are the key; the rest follow from the key and
/// from the state of registry and committee read at `blockHash`.
struct Verdict {
    uint64 observedChainId;
    bytes32 coverageId;
    bytes32 ruleId;
    bytes32 blockHash;
    /// Zero for the state of a block.
    bytes32 subject;
    uint64 height;
    /// Epoch of the roster in force at `height`.
    uint64 epoch;
    uint8 rung;
    uint32 life;
    /// keccak256(abi.encode(bytes32[] values)) of every slot value that was read, in the rule's order.
    bytes32 claimsRoot;
}

/// @notice An aggregate signature with the seats that did not sign or, when those are fewer, the seats that did.
struct Certificate {
    bool listsSigners;
    /// G1 point as EIP-2537 takes it: x and y, 64 bytes each.
    uint256[4] signature;
    /// Bit i % 256 of word i / 256 is seat i. Empty when no seat is listed, else exactly as long as the roster needs.
    uint256[] seats;
}

/// @notice An incident of a coverage, as its running hash took it in.
struct Incident {
    bytes32 digest;
    uint256[2] signers;
    uint256 signed;
    uint256 total;
    uint8 rung;
    uint64 trippedAt;
    uint64 end;
}
