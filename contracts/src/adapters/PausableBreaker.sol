// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../interfaces/IBreaker.sol";

/// @notice What contracts with OpenZeppelin's `Pausable` let a pauser call, as its ERC20 and ERC721 presets name it.
interface IPausable {
    function pause() external;
    function unpause() external;
    function paused() external view returns (bool);
}

/// @notice Pauses one contract at rung 3; it has no other rung. A contract that somebody else has paused already counts as
/// stopped, is not ours, and stays paused.
/// @dev Role: the pauser of the contract, PAUSER_ROLE or its owner's, of which only `pause` and `unpause` are used: no owner, no
/// upgrade. Warning: that role unpauses as well as it pauses wherever it is not split in two.
/// @dev Worst use: a hostile hub keeps the contract paused, or unpauses what it paused itself, also where the owner would by
/// now rather have it paused.
/// @dev What is paused does not expire: after the end anyone has the registry release it.
/// @dev Warning: a contract that somebody else unpauses and pauses again during a trip is taken for ours. Everything behind
/// `whenNotPaused` is stopped, repay and withdrawal too where they are behind it.
contract PausableBreaker is IBreaker {
    error TargetWithoutCode(address target);

    event Paused();
    event Unpaused();

    uint8 internal constant PAUSE_RUNG = 3;

    /// @inheritdoc IBreaker
    address public immutable hub;
    /// @inheritdoc IBreaker
    address public immutable guardian;
    /// @notice The contract that is paused.
    IPausable public immutable TARGET;

    /// @notice Tripped and not released.
    bool public tripped;
    /// @notice Paused by this adapter and not by somebody else before it.
    bool public ours;
    /// @dev Keeps the slot from ever being zero.
    bool internal born = true;

    constructor(address hub_, address guardian_, IPausable target) {
        require(address(target).code.length != 0, TargetWithoutCode(address(target)));
        (hub, guardian, TARGET) = (hub_, guardian_, target);
    }

    /// @inheritdoc IBreaker
    function trip(uint8 rung_, uint64) external {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        require(rung_ == PAUSE_RUNG, RungUnsupported(rung_));
        tripped = true;
        if (TARGET.paused()) return;
        ours = true;
        emit Paused();
        TARGET.pause();
    }

    /// @inheritdoc IBreaker
    function release(uint8 rung_) external returns (bool changed) {
        require(msg.sender == hub, NotHub(msg.sender, hub));
        if (rung_ != PAUSE_RUNG) return false;
        changed = ours && TARGET.paused();
        (tripped, ours) = (false, false);
        if (!changed) return false;
        emit Unpaused();
        TARGET.unpause();
    }

    /// @inheritdoc IBreaker
    function rung() external view returns (uint8) {
        return tripped && TARGET.paused() ? PAUSE_RUNG : 0;
    }
}
