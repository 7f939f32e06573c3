/** What each field of a manifest means: a comment of `cover init`, and what an editor shows. */
export const manifestFields = {
  version: 'form of this file, always 1',
  name: 'what people call it, printable ASCII',
  target: 'contract that is stopped; it names the hub it obeys and its guardian, who covers it',
  rules:
    'what watchers look at, each block; a new rule starts in shadow and trips nothing until armed',
} as const;

/** What each field of a rule means. */
export const ruleFields = {
  name: 'what people call the rule, without spaces',
  kind: 'predicate (pure contract over storage slots), sentinel (Solidity over view calls) or detector (of the node)',
  class: 'B what anyone can replay, C statistics',
  family: 'the failure it looks for; two rules of one family never corroborate each other',
  rung: '1 tighten, 2 limit, 3 pause; a predicate up to 3, a sentinel up to 2, a detector of class B up to 2, of C 1',
  life: 'seconds a trip lasts before it ends by itself: 300 to 86400, at rung 2 to 21600',
  detector: 'name and version of what judges',
  code: 'address of the contract that judges',
  bytecode: 'runtime bytecode of a sentinel that is not deployed, in place of code',
  codeHash: 'keccak256 of that code; cover plan names the one it finds',
  gas: 'gas one evaluation is given, 20000 to 200000; the rules of a coverage together 1000000, one with hold counts twice',
  reference:
    'what values are compared with: {kind: none}, {kind: lookback, blocks: 1} or {kind: anchor}, the block named at arming',
  hold: 'it must hold this many blocks earlier too; 0 asks once; hold and lookback together at most 96',
  slots: 'storage slots that it is given, in this order, 1 to 16',
  params: 'its ABI-encoded settings, 0x when it has none',
  samples: 'newest blocks whose samples it is given, newest first, 1 to 32',
  startBlock: 'block its memory starts at, 0 when it keeps none',
  lookback: 'blocks its verdict looks back, as its parameters make it; cover plan names the number',
  parameters: 'settings of the detector',
} as const;

/** Fields of a rule. */
export type RuleField = keyof typeof ruleFields;
