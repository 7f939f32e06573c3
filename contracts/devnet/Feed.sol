// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A price feed as lending markets read it, moved by its reporters.
/// @dev Warning: whoever holds a reporter's key sets the price. That is the theft two scenarios play.
contract Feed {
    error NotReporter(address caller);

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /* STORAGE */
    /// @notice Newest answer, alone in slot 0: the slot a rule over this feed names.
    int256 public latestAnswer;
    uint80 private _round;
    uint64 private _updatedAt;
    mapping(address => bool) public isReporter;

    constructor(int256 answer, address[] memory reporters) {
        for (uint256 i = 0; i < reporters.length; ++i) isReporter[reporters[i]] = true;
        _set(answer);
    }

    function report(int256 answer) external {
        require(isReporter[msg.sender], NotReporter(msg.sender));
        _set(answer);
    }

    /// @notice Lets another address report, as a thief of one reporter's key would.
    function addReporter(address reporter) external {
        require(isReporter[msg.sender], NotReporter(msg.sender));
        isReporter[reporter] = true;
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (_round, latestAnswer, _updatedAt, _updatedAt, _round);
    }

    function _set(int256 answer) private {
        latestAnswer = answer;
        _updatedAt = uint64(block.timestamp);
        emit AnswerUpdated(answer, ++_round, block.timestamp);
    }
}
