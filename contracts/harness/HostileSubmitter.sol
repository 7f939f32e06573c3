// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A caller that is a contract: it relays calls, several at once if told to, and takes money as it pleases.
contract HostileSubmitter {
    error NoThanks();

    enum Taking {
        Gladly,
        Never,
        /// Calls the payer back with the payload, and keeps what came of it.
        Reenter
    }

    Taking public taking;
    bytes internal payload;
    bool public reentered;
    bytes public answer;

    receive() external payable {
        require(taking != Taking.Never, NoThanks());
        if (taking == Taking.Reenter) (reentered, answer) = msg.sender.call(payload);
    }

    function prepare(Taking taking_, bytes calldata payload_) external {
        (taking, payload) = (taking_, payload_);
    }

    function relay(address to, bytes[] calldata calls) external payable {
        for (uint256 i; i < calls.length; ++i) {
            (bool ran, bytes memory out) = to.call{value: i == 0 ? msg.value : 0}(calls[i]);
            if (ran) continue;
            assembly {
                revert(add(out, 0x20), mload(out))
            }
        }
    }
}
