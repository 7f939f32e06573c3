// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBreaker} from "../src/interfaces/IBreaker.sol";
import {IBreakerHub} from "../src/interfaces/IBreakerHub.sol";
import {IPredicate} from "../src/interfaces/IPredicate.sol";
import {IRegistry} from "../src/interfaces/IRegistry.sol";
import {Certificate, Class, Verdict} from "../src/Types.sol";
import {Feed} from "./Feed.sol";

/// @notice The attacker of `flash-trip`: makes a rule true inside one transaction, tries every door, and restores.
contract FlashTripper {
    event Fired(bool fires, uint256 measure);
    event Refused(string door, bytes4 reason);
    event Opened(string door);

    struct Attempt {
        Feed feed;
        int256 pushed;
        IPredicate predicate;
        bytes params;
        int256 anchor;
        IRegistry registry;
        IBreakerHub hub;
        address target;
        Verdict verdict;
        Certificate[] certificates;
    }

    /// @dev The verdict's block is the newest one that has a hash, so that nothing but the certificate is at fault.
    function attempt(Attempt calldata a) external {
        int256 honest = a.feed.latestAnswer();
        a.feed.report(a.pushed);
        _look(a);
        Verdict memory verdict = a.verdict;
        verdict.height = uint64(block.number - 1);
        verdict.blockHash = blockhash(block.number - 1);
        for (uint256 i = 0; i < a.certificates.length; ++i) {
            try a.registry.submit(verdict, a.certificates[i]) {
                emit Opened("registry");
            } catch (bytes memory reason) {
                emit Refused("registry", bytes4(reason));
            }
        }
        try a.hub.trip(a.target, verdict.rung, verdict.life, Class.A) {
            emit Opened("hub");
        } catch (bytes memory reason) {
            emit Refused("hub", bytes4(reason));
        }
        try IBreaker(a.target).trip(verdict.rung, uint64(block.timestamp) + verdict.life) {
            emit Opened("breaker");
        } catch (bytes memory reason) {
            emit Refused("breaker", bytes4(reason));
        }
        a.feed.report(honest);
    }

    function _look(Attempt calldata a) private {
        bytes32[] memory values = new bytes32[](1);
        bytes32[] memory reference_ = new bytes32[](1);
        values[0] = bytes32(uint256(a.feed.latestAnswer()));
        reference_[0] = bytes32(uint256(a.anchor));
        (bool fires, uint256 measure) = a.predicate.evaluate(a.params, values, reference_);
        emit Fired(fires, measure);
    }
}
