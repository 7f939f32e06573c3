// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Bounds what may leave a vault, per token and per account, after ERC-7265.
interface IOutflowLimiter {
    /// @notice Shares are in basis points.
    struct OutflowSettings {
        /// Seconds in which a used bound is whole again, and new holdings come to count.
        uint32 period;
        /// Of a token's holdings, what may leave at once and again in each period, nothing being tripped; 10,000 bounds nothing.
        uint16 calmBps;
        /// The same while rung 2 or 3 is in force.
        uint16 trippedBps;
        /// Of either bound, what one account may take.
        uint16 accountBps;
    }

    error OutflowSettingInvalid(string setting, uint256 value);
    /// @dev `left` may leave now; the rest has to wait.
    error OutflowLimited(address token, address account, uint256 asked, uint256 left);

    /// @param credited What of `amount` the account may take out again beside every bound.
    event InflowCounted(address indexed token, address indexed account, uint256 amount, uint256 credited);
    /// @param bounded What of `amount` the account had not brought itself, and the bounds were asked for.
    event OutflowCounted(address indexed token, address indexed account, uint256 amount, uint256 bounded);

    /// @notice What the vault holds of `token`, by its own accounts: a donation or a flash loan must not move it.
    function holdings(address token) external view returns (uint256);

    /// @notice What may leave of `token` in a period however little is held: a share alone never empties a vault.
    function outflowFloor(address token) external view returns (uint256);

    /// @notice What `account` may take of `token`; all as if nobody else moved and the rung stayed.
    /// @return left What it may take now; the largest number when nothing is bounded.
    /// @return most What its bound is when whole, beside what it brought itself.
    /// @return wholeAt Timestamp by which its bound is whole, growing evenly until then.
    function outflowLeft(
        address token,
        address account
    ) external view returns (uint256 left, uint256 most, uint256 wholeAt);
}
