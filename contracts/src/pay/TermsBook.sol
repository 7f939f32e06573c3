// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRegistry} from "../interfaces/IRegistry.sol";
import {ITermsBook, Terms} from "../interfaces/ITermsBook.sol";

/// @notice The terms of coverages. Holds no money.
/// @dev Keeps the latest and those before them: no height is ever paid by terms that were named after it.
contract TermsBook is ITermsBook {
    /* CONSTANTS */

    /// @dev What is booked is at least as young as a certificate.
    uint256 private constant MIN_NOTICE = 32;
    uint256 private constant MAX_NOTICE = 1 << 24;

    /* IMMUTABLES */

    /// @inheritdoc ITermsBook
    IRegistry public immutable REGISTRY;
    /// @inheritdoc ITermsBook
    uint64 public immutable NOTICE;

    /* STORAGE */

    mapping(bytes32 coverageId => Terms) private latest;
    mapping(bytes32 coverageId => Terms) private former;

    /* CONSTRUCTOR */

    constructor(IRegistry registry, uint64 notice) {
        bool inRange = notice >= MIN_NOTICE && notice <= MAX_NOTICE;
        require(inRange, NoticeOutOfRange(notice, MIN_NOTICE, MAX_NOTICE));
        (REGISTRY, NOTICE) = (registry, notice);
    }

    /* NAMING */

    /// @inheritdoc ITermsBook
    function name(bytes32 id, uint96 premium, uint96 fee, uint96 bounty, address arbiter) external {
        address owner = REGISTRY.coverage(id).owner;
        require(msg.sender == owner, IRegistry.NotOwner(msg.sender, owner));
        uint64 since = latest[id].from;
        if (since != 0 && block.number >= since) {
            require(block.number >= since + NOTICE, TermsTooYoung(id, since));
            former[id] = latest[id];
        }
        uint64 from = uint64(block.number) + NOTICE;
        latest[id] = Terms(premium, fee, from, bounty, arbiter);
        emit Named(id, premium, fee, from, bounty, arbiter);
    }

    /* VIEWS */

    /// @inheritdoc ITermsBook
    function termsAt(bytes32 id, uint64 height) external view returns (Terms memory terms) {
        terms = latest[id];
        if (height >= terms.from) return terms;
        terms = former[id];
        if (height < terms.from) delete terms;
    }
}
