import type { Finding } from './tool.ts';

/** Why a finding is none. */
export type Answer = Readonly<{
  tool: string;
  check: string;
  contract: string;
  function: string;
  why: string;
}>;

/** The same reply to one check at several places, `Contract.function` each. */
const each = (tool: string, check: string, places: string, why: string): readonly Answer[] =>
  places.split(' ').map((place) => {
    const [contract = '', name = '-'] = place.split('.');
    return { tool, check, contract, function: name, why };
  });

/** Checks of which nothing is asked, and why. */
export const leftOut: Readonly<Record<string, string>> = {
  assembly:
    'stands beside the plain line that it replaces, and a fuzz test or a vector holds both to the same',
  'low-level-calls':
    'of hostile contracts, with bounded gas and a bounded copy of what they answer',
  'naming-convention': 'constants of parts are in capitals here as in the interfaces',
  pragma: 'ours is one version; the ranges are of packages',
  timestamp:
    'lives, delays and deadlines are minutes at least, and who makes a block shifts its time by seconds',
  'too-many-digits': 'coordinates of curve points, and code as bytes',
  'uninitialized-local': 'a sum starts at the zero that the language gives it',
};

/** A finding without one fails `npm run assure`, and so does one without a finding. */
export const answers: readonly Answer[] = [
  each(
    'slither',
    'arbitrary-send-erc20',
    'Watchers.probe',
    'from the account that starts the deployment, which has approved this very address, and given back in the same call',
  ),
  each(
    'slither',
    'boolean-cst',
    'Court.charge Court.charged Court.take',
    'the key of a mapping: seats charged for a landed lie, and for one that did not land',
  ),
  each(
    'slither',
    'calls-loop',
    'AaveV3Breaker.configurations AaveV3Breaker.constructor AaveV3Breaker.loosen AaveV3Breaker.setFreeze AaveV3Breaker.setLtv AaveV3Breaker.setPause AaveV3Breaker.tighten',
    'eight reserves at most, of the one market that the adapter was made for',
  ),
  each(
    'slither',
    'calls-loop',
    'Committee.displace Committee.join Committee.members Committee.requireLightest Committee.seatMembers',
    'Watchers, which reads its own storage: 512 members at most, 128 a step of an opening',
  ),
  each(
    'slither',
    'calls-loop',
    'Ledger.isStruck',
    'the registry, which reads its own storage: for who was slashed alone, once an entry, as many as the caller asks for',
  ),
  each(
    'slither',
    'calls-loop',
    'Court.bar Court.take',
    'Watchers, which calls no token there: 512 seats at most, as many a call as the caller asks for',
  ),
  each(
    'slither',
    'constable-states',
    'AaveV3Breaker.born PausableBreaker.born',
    'keeps a slot from ever being zero, so that no trip pays for a new one; a constant has no slot',
  ),
  each(
    'slither',
    'immutable-states',
    'Court.born',
    'keeps a slot from ever being zero; an immutable has no slot',
  ),
  each(
    'slither',
    'unused-state',
    'AaveV3Breaker.born PausableBreaker.born',
    'is there to make its slot other than zero',
  ),
  each(
    'slither',
    'dead-code',
    'OutflowLimiter._inflow OutflowLimiter._outflow OutflowLimiter.partOf OutflowLimiter.store',
    'a mixin: a vault calls it, as contracts/harness/LimitedPurse.sol and contracts/devnet do',
  ),
  each(
    'slither',
    'unimplemented-functions',
    'OutflowLimiter',
    'a mixin: the vault says who guards it and what it holds',
  ),
  each(
    'slither',
    'incorrect-equality',
    'BreakerHub.extend',
    'start is the later of a trip’s end and now, so it equals now exactly when nothing is in force',
  ),
  each(
    'slither',
    'incorrect-equality',
    'BreakerHub.releaseTarget',
    'the word of a bool: anything but one is not true',
  ),
  each('slither', 'incorrect-equality', 'Court.enforce', 'a hash is the same or is another'),
  each(
    'slither',
    'incorrect-equality',
    'Ledger.append Payroll.attestedStake',
    'a count and a rate that the contract keeps itself: the same run, and no entry yet',
  ),
  each(
    'slither',
    'incorrect-equality',
    'Ledger.take Watchers.deposit Watchers.probe',
    'a token that moves another amount than it was told is refused, which is the point',
  ),
  each(
    'slither',
    'incorrect-shift',
    'Branch.hashOfFull',
    'a constant is shifted by the digit, and is meant to be; Branch.t.sol holds it to the plain hash',
  ),
  each(
    'slither',
    'missing-zero-check',
    'AaveV3Breaker.constructor PausableBreaker.constructor',
    'without hub or guardian it can be neither tripped nor covered; the registry checks both when it is covered',
  ),
  each(
    'slither',
    'missing-zero-check',
    'Registry.constructor',
    'foretold addresses: court and prover check in their own constructors that the registry names them',
  ),
  each(
    'slither',
    'reentrancy-benign',
    'Court.enforce',
    'calls Committee and Watchers alone, which call nobody; the cursor moves before',
  ),
  each(
    'slither',
    'reentrancy-events',
    'Court.enforce',
    'calls Committee and Watchers alone, which call nobody',
  ),
  each(
    'slither',
    'reentrancy-benign',
    'Registry.hear Registry.tripTarget',
    'what the target calls finds the registry locked (test/contracts/registry-submit.test.ts)',
  ),
  each(
    'slither',
    'reentrancy-no-eth',
    'Registry.release Registry.submit Registry.tripProven',
    'what is written after the call is the lock itself, and what only stands if the target was tripped',
  ),
  each(
    'slither',
    'reentrancy-events',
    'Registry.release Registry.submit Registry.tripProven OwnerEntries.amend OwnerEntries.cover',
    'the registry is locked meanwhile; the event tells what came of the call',
  ),
  each(
    'slither',
    'reentrancy-events',
    'AaveV3Breaker.release AaveV3Breaker.trip',
    'only the hub gets in, for the registry, which is locked; the market is the one that granted the role',
  ),
  each(
    'slither',
    'reentrancy-no-eth',
    'AaveV3Breaker.release',
    'only the hub gets in, for the registry, which is locked; the market is the one that granted the role',
  ),
  each(
    'slither',
    'shadowing-local',
    'IBreakerHub.opine IBreakerHub.trip IBreakerHub.tripProven IRegistry.lift IRegistry.submit IRegistry.tripProven',
    'names of an interface: nothing is run there',
  ),
  each(
    'slither',
    'uninitialized-state',
    'Court.filed',
    'written through the reference `same` in `charge`',
  ),
  each(
    'slither',
    'unused-return',
    'Bps.ratio BreakerHub.tripProven Court.bar Ledger.claim Registry.isFull SeatSearch.locate StateProof.open StateProof.storageRoot Trie.read Truth.valuesAt',
    'one of several values is asked for, or the bounds that reading it checks',
  ),
  each(
    'slither',
    'unused-return',
    'Coverages.amend Coverages.arm Coverages.defund Coverages.disarm Coverages.retire Ledger.deposit',
    'called for what it refuses',
  ),
  each(
    'slither',
    'unused-return',
    'EquivocationJudge.compare Signed.offenceOf',
    'called for what it refuses: weight does not count, a signature does',
  ),
  each(
    'slither',
    'unused-return',
    'OwnerEntries.cover OwnerEntries.retire Registry.end',
    'says whether the target changed; the trip is over for the hub either way, and anyone can release it later',
  ),
].flat();

/** Whether this answers that. */
export const isOf = (reply: Answer, finding: Finding): boolean =>
  reply.tool === finding.tool &&
  reply.check === finding.check &&
  reply.contract === finding.contract &&
  reply.function === finding.function;
