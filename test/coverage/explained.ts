const ANVIL = 'its tests run on anvil, which answers eth_getProof and notes no marks';

/** Why a line, by its text, is not run, or goes one way only. What is covered after all must go from here. */
export const explained: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'contracts/src/Committee.sol': {
    'if (latestEpoch == 0) return "";':
      'the full committee of 512 members that is displaced has had a roster in each of the tests',
  },
  'contracts/src/Escrow.sol': {
    'uint256 owed = ((used < MAX_GAS ? used : MAX_GAS) * price) / UNIT;':
      'no call uses 3 million gas: a target is given one, and a proof is as long as a transaction lets it be',
  },
  'contracts/src/Founder.sol': {
    'assembly ("memory-safe") {':
      'what assembly ends by itself is not seen; founder.test.ts: throws on what a constructor throws',
  },
  'contracts/src/Prover.sol': {
    'return tokens > zeros ? tokens - zeros : 0;':
      'a header has more tokens than the zeros that are taken off for it: holds for any proof that was taken',
  },
  'contracts/src/Registry.sol': {
    'if (seats[0] != 0) struckSeats[epoch][0] |= seats[0];':
      'registry-gas.test.ts has rosters of more than 256 seats, and is not run here',
    'uint48 units = Escrow.refund(escrow, used < least ? least : used, Escrow.MAX_TIP);':
      'marks cost more than the calldata’s floor; prover-refund.test.ts and proof-gas.test.ts run it unmarked',
    'if (block.number > MAX_AGE) oldest = block.number - MAX_AGE;':
      'the first 32 blocks of a chain',
    'require(canonical != 0 && claimed == canonical, BlockHashMismatch(height, claimed, canonical));':
      'no hash of the latest 32 blocks is zero; kept should that bound ever grow',
    'return maxRung >= FULL_RUNG && Quorum.hasQuorum(FULL_RUNG, signed, total);':
      'a roster arms rung 1 alone or all, and rung 2 was refused before in one that arms 1',
    'uint256 second = signers[1] == 0 ? 0 : signers[1] & seats[1];':
      'registry-gas.test.ts has rosters of more than 256 seats, and is not run here',
    'return block.chainid == HOME_CHAIN ? DOMAIN : VerdictHash.domain(block.chainid, address(this));':
      'a chain that changes its id: no chain of the tests does',
  },
  'contracts/src/Watchers.sol': {
    'require(received == amount, StakeNotReceived(amount, received));':
      'a token that takes its fee only on the way back; the same check of the way here is tested',
  },
  'contracts/src/judges/Hearing.sol': {
    'assembly ("memory-safe") {':
      'what assembly ends by itself is not seen; each judge answers and refuses through it in its own tests',
  },
  'contracts/src/judges/Landed.sol': {
    'return address(book.REGISTRY()) == address(registry) && book.bookedAt(id, hash) != 0;':
      'a judge that was made with the book of another registry than its court’s',
  },
  'contracts/src/pay/Ledger.sol': {
    'if (seats[1] != 0) known[1] |= seats[1];':
      'claim-gas.test.ts has rosters of more than 256 seats, and is not run here',
  },
  'contracts/src/pay/Payroll.sol': {
    'require(canonical != 0 && blockHash == canonical, BlockHashMismatch(height, blockHash, canonical));':
      'no hash of the latest 32 blocks is zero; kept should that bound ever grow',
  },
  'contracts/src/pay/SeatSearch.sol': {
    'for (uint256 keys; keys < MAX_KEYS && keyHash != 0; ++keys) {':
      'who has rotated its key 32 times since it was seated: the tests rotate a few times',
    'if (key != 0 && key != known && find(cursor, key, code, seats)) return;':
      'a key that has no page yet: nobody of the tests claims between rotating and writing the page',
  },
  'contracts/src/pay/Signers.sol': {
    'uint256 oldest = block.number > MAX_AGE ? block.number - MAX_AGE : 0;':
      'the first 32 blocks of a chain',
  },
  'contracts/src/proofs/Predicate.sol': {
    'if (fires > 1) return Outcome.Faulted;': ANVIL,
  },
  'contracts/src/proofs/RuleProof.sol': {
    'while (slots[same].account != account) ++same;': ANVIL,
    'if (same == i) (roots[i], end) = StateProof.storageRoot(stateRoot, account, proof, end);':
      ANVIL,
  },
  'contracts/src/proofs/StateProof.sol': {
    'require(read.height == height, HeightMismatch(height, read.height));':
      'a header whose hash is the canonical one at a height has that height; kept for the mistake of a caller',
  },
  'contracts/src/proofs/Trie.sol': {
    'while (true) {': 'ends by returning',
    'require(depth < NIBBLES, NodeInvalid(offset));':
      'a branch below the last of 64 digits: no trie of hashed keys has one, and an embedded one is refused before',
  },
};
