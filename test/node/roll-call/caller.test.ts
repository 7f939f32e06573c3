import assert from 'node:assert/strict';
import { createPredicates } from '../../../node/detect/predicates.ts';
import type { Abstention, ChainState, Finding } from '../../../node/lib/pipeline.ts';
import type { Observer } from '../../../node/observe/observer.ts';
import { createCaller } from '../../../node/roll-call/caller.ts';
import { rollCallOf, rollCallRoot, STATES } from '../../../protocol/roll-call.ts';
import { ruleOf } from '../../../protocol/named-rule.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { ruleId } from '../../../protocol/verdict.ts';
import { encodeVerdict } from '../../../protocol/wire.ts';
import { opinionsOver, sentinelCode, sentinelRule } from '../observe/opinions.ts';
import { type Proxy, startProxy } from '../observe/proxy.ts';
import { createWorld, watch, type World } from '../observe/support.ts';
import { saidBy } from './support.ts';

const [ASSETS, SUPPLY, EMPTY] = [1, 2, 9];
const REVERTS = '0x5f5ffd';

describe('a caller', () => {
  let world: World;
  let restore: () => Promise<void>;
  let proxies: Proxy[] = [];
  let watching: ReturnType<typeof watch>[] = [];
  before(async () => {
    world = await createWorld();
    await world.write(SUPPLY, 10n);
    await world.write(ASSETS, 1_000n);
  });
  beforeEach(async () => {
    restore = await world.remember();
  });
  afterEach(async () => {
    for (const each of watching) await each.stop();
    for (const each of proxies) await each.stop();
    [watching, proxies] = [[], []];
    await restore();
  });
  after(() => world.stop());

  /** What a node answers that calls at each block; it is seated or not, and the coverage pays or not. */
  const follow = async (isSeated = true, isPaid = true) => {
    const proxy = await startProxy(world.anvil.url);
    const signed: Verdict[] = [];
    const abstained: Abstention[] = [];
    const callerOf = (observer: Observer) =>
      createCaller({
        period: 1n,
        isSeated: () => isSeated,
        isPaid: async () => isPaid,
        prove: observer.prove,
        sign: async (roll) => saidBy(world.domain, rollCallOf(roll), 0),
        tell: async (_, { verdict }) => void signed.push(verdict),
        abstain: (abstention) => abstained.push(abstention),
      });
    const judge = async (observer: Observer, state: ChainState) => {
      const { facts, abstentions } = await observer.facts(state);
      const predicates = createPredicates({ codeOf: observer.codeOf });
      const said: (Finding | Abstention)[] = [...abstentions];
      for (const fact of facts) {
        const found = await predicates.detect(fact);
        if (found !== null) said.push(found);
      }
      const opined = opinionsOver(observer, world.anvil.chain.id).of(state);
      const caller = callerOf(observer);
      caller.begin({ state, facts, said, opined });
      await caller.settled();
      caller.check();
    };
    const one = watch([proxy.url], world.deployment, judge);
    watching.push(one);
    proxies.push(proxy);
    return { proxy, signed, abstained, reach: one.reach, failure: one.failure };
  };
  type Follower = Awaited<ReturnType<typeof follow>>;

  const pass = async (followers: readonly Follower[]) => {
    await world.mine(1);
    const { hash } = await world.anvil.client.getBlock();
    for (const each of followers) {
      await each.reach(hash);
      assert.equal(each.failure(), null);
    }
    return hash;
  };

  /** A coverage with a rule that is clear, one that fires, and two that fault; what is to be said of them. */
  const coverAll = async () => {
    const shapes = [
      world.ruleShape('price', 'clear', [ASSETS, SUPPLY]),
      world.ruleShape('feed', 'firing', [EMPTY]),
      world.ruleShape('price', 'faulting', [ASSETS, SUPPLY], { params: '0x' }),
      sentinelRule('opinion', sentinelCode(REVERTS, REVERTS)),
    ];
    const coverageId = await world.cover(shapes);
    const states = [STATES.clear, STATES.firing, STATES.faulted, STATES.faulted];
    for (const shape of shapes) await world.arm(coverageId, shape);
    await world.request('evm_setAutomine', false);
    await world.mine(2);
    return shapes.map((shape, index) => ({
      ruleId: ruleId(ruleOf(shape)),
      state: states[index]!,
    }));
  };

  it('says the very bytes of any other, of rules that are clear, firing and faulted', async () => {
    const leaves = await coverAll();
    const followers = [await follow(), await follow()];
    const hash = await pass(followers);
    const [one, other] = followers.map(({ signed }) =>
      signed.find(({ blockHash }) => blockHash === hash),
    );
    assert.ok(one && other);
    assert.deepEqual(encodeVerdict(one), encodeVerdict(other));
    assert.equal(one.claimsRoot, rollCallRoot(leaves));
  });

  it('signs nothing whose slots are not proven, whatever they say', async () => {
    await coverAll();
    const follower = await follow();
    await pass([follower]);
    const before = follower.signed.length;
    assert.ok(before > 0);
    follower.proxy.tamper = ({ method }, result) => (method === 'eth_getProof' ? {} : result);
    const hash = await pass([follower]);
    assert.equal(follower.signed.length, before);
    const missed = follower.abstained.filter(({ code }) => code === 'ROLL_CALL_MISSED');
    assert.deepEqual(
      missed.map(({ block }) => block.hash),
      [hash],
    );
  });

  for (const [what, seated, paid] of [
    ['without a seat', false, true],
    ['where nobody pays for it', true, false],
  ] as const)
    it(`${what} asks for no proof and says nothing`, async () => {
      await coverAll();
      const follower = await follow(seated, paid);
      await pass([follower]);
      const proofs = follower.proxy.calls.filter(({ method }) => method === 'eth_getProof');
      assert.deepEqual([follower.signed.length, proofs.length], [0, 0]);
    });
});
