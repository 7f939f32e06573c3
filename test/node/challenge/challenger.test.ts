import assert from 'node:assert/strict';
import { concatHex, decodeFunctionData, type Hex, keccak256, stringToHex } from 'viem';
import { courtAbi, incidentBookAbi, registryAbi, tokenAbi } from '../../../protocol/abi.ts';
import { sign } from '../../../protocol/bls.ts';
import { evmCertificate } from '../../../protocol/certificate.ts';
import type { Attestation } from '../../../protocol/types.ts';
import { claimsRoot, verdictDigest } from '../../../protocol/verdict.ts';
import { type Claims, createClaims } from '../../../node/challenge/claims.ts';
import { createPredicates } from '../../../node/detect/predicates.ts';
import { createLandings } from '../../../node/lib/landings.ts';
import { createLog } from '../../../node/lib/log.ts';
import type { CoveredRule, Equivocation, Offence, TrueClaims } from '../../../node/lib/pipeline.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { trueClaims } from '../../../node/observe/true-claims.ts';
import type { Evidence } from '../../../node/store/evidence.ts';
import { type Anvil, funded, startAnvil } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';
import { blsSecret, createNetwork, type Network } from '../submit/network.ts';
import { createTribunal, type Tribunal } from './tribunal.ts';

const LIAR = 3;
const NOBODY = '0x000000000000000000000000000000000000dEaD';

describe('a challenger', () => {
  let anvil: Anvil;
  let network: Network;
  let tribunal: Tribunal;
  let snapshot: Hex;
  before(async () => {
    anvil = await startAnvil();
    network = await createNetwork(anvil);
    tribunal = createTribunal(anvil, network);
    await anvil.test.setAutomine(false);
    snapshot = await anvil.test.snapshot();
  });
  beforeEach(async () => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  });
  after(() => anvil.stop());

  /** Two attestations of one seat under one key. */
  const contradiction = async (seat: number): Promise<Equivocation> => {
    const { verdict } = (await network.certify()).certificate;
    const say = (claims: string): Attestation => {
      const said = { ...verdict, claimsRoot: keccak256(stringToHex(claims)) };
      const signature = sign(blsSecret(seat), verdictDigest(network.domain, said));
      return { verdict: said, seat, signature };
    };
    return { epoch: 1n, seat, first: say('one'), second: say('other') };
  };

  const holding = (...found: readonly Equivocation[]): Evidence => ({
    put: () => Promise.resolve('known'),
    all: () => Promise.resolve(found),
    size: () => found.length,
  });

  const balanceOf = (account: Hex) =>
    anvil.client.readContract({
      address: network.token,
      abi: tokenAbi,
      functionName: 'balanceOf',
      args: [account],
    });
  const slashCount = () =>
    anvil.client.readContract({
      address: network.court,
      abi: courtAbi,
      functionName: 'slashCount',
    });
  const sentBy = (seat: number) =>
    anvil.client.getTransactionCount({ address: funded(seat).address });

  it('has a liar struck and slashed, takes its reward and burns the rest', async () => {
    const challengers = [await tribunal.start(0, holding(await contradiction(LIAR)))];
    const before = await balanceOf(funded(0).address);
    await tribunal.mine(challengers, 40);
    assert.deepEqual(await tribunal.struck(), [LIAR]);
    // A twentieth of 400, of which a tenth is the challenger's.
    assert.equal(await tribunal.slashedOf(LIAR), 20n);
    assert.equal((await balanceOf(funded(0).address)) - before, 2n);
    assert.equal(await balanceOf(NOBODY), 18n);
  });

  it('leaves a lie to whose turn it is', async () => {
    const evidence = holding(await contradiction(LIAR));
    const before = await Promise.all([0, 1, 2].map(sentBy));
    const challengers = await Promise.all([0, 1, 2].map((seat) => tribunal.start(seat, evidence)));
    await tribunal.mine(challengers, 40);
    assert.equal(await slashCount(), 1n);
    assert.equal(await tribunal.slashedOf(LIAR), 20n);
    const after = await Promise.all([0, 1, 2].map(sentBy));
    const acted = after.filter((count, seat) => count > before[seat]! + 1);
    assert.equal(acted.length, 1);
  });

  it('does after a restart what an earlier run had committed to', async () => {
    const evidence = holding(await contradiction(LIAR));
    const pending = inMemory();
    const killed = await tribunal.start(0, evidence, pending);
    const before = await sentBy(0);
    for (let block = 0; block < 20 && (await sentBy(0)) === before; block++)
      await tribunal.mine([killed], 1);
    await killed.close();
    assert.equal(await slashCount(), 0n);
    await tribunal.mine([await tribunal.start(0, evidence, pending)], 12);
    assert.equal(await slashCount(), 1n);
    assert.equal(await tribunal.slashedOf(LIAR), 20n);
  });

  it('shows another contradiction of a seat where the judge does not take the first', async () => {
    const taken = await contradiction(LIAR);
    await tribunal.mine(
      [await tribunal.start(0, holding({ ...taken, second: taken.first }, taken))],
      40,
    );
    assert.deepEqual(await tribunal.struck(), [LIAR]);
    assert.equal(await slashCount(), 1n);
  });

  it('sends nothing of what no judge takes, or of what is charged already', async () => {
    const honest = await contradiction(LIAR);
    const same = { ...honest, second: honest.first };
    const before = await sentBy(0);
    await tribunal.mine([await tribunal.start(0, holding(same))], 20);
    assert.equal(await sentBy(0), before);
    await tribunal.mine([await tribunal.start(1, holding(honest))], 40);
    await tribunal.mine([await tribunal.start(0, holding(honest))], 40);
    assert.equal(await slashCount(), 1n);
    assert.equal(await sentBy(0), before);
  });

  describe('that holds others to what they claim', () => {
    const registry = () => network.domain.registry;

    const { mayFire } = createPredicates({
      codeOf: async (address) => (await anvil.client.getCode({ address })) ?? '0x',
    });
    const createHolding = (
      says: typeof mayFire = mayFire,
      tellingOf: (found: TrueClaims) => TrueClaims = (found) => found,
    ) => {
      const providers = createProviders([anvil.url], {});
      const covered = { rule: network.rule } as CoveredRule;
      return createClaims({
        domain: network.domain,
        formerRuleOf: () => covered,
        truth: async (rule, verdict) => {
          const found = await trueClaims(providers.agreed, registry(), rule, verdict);
          return found && tellingOf(found);
        },
        mayFire: says,
        landings: createLandings(anvil.client, { registry: registry(), book: network.book }),
        log: createLog({ level: 'silent', format: 'json' }),
      });
    };

    /** A trip by all seats, whatever it claims; its height. */
    const trip = async (claims?: Hex) => {
      const { certificate } = await network.certify(claims);
      const hash = await anvil.wallet.writeContract({
        address: registry(),
        abi: registryAbi,
        functionName: 'submit',
        args: evmCertificate(certificate),
        gas: 3_000_000n,
      });
      await anvil.test.mine({ blocks: 1 });
      const { blockNumber: height } = await anvil.client.getTransactionReceipt({ hash });
      return { certificate, height };
    };

    const advance = async (claims: Claims) => claims.advance(await anvil.client.getBlockNumber());

    it('has those slashed wholly who tripped with what was not so, and ends what they tripped', async () => {
      const claims = createHolding();
      const { certificate, height } = await trip();
      assert.equal(await network.rung(), 3);
      claims.note({ kind: 'incident', verdict: certificate.verdict, height });
      claims.note({ kind: 'certificate', certificate });
      await anvil.test.mine({ blocks: 1 });
      await advance(claims);
      assert.equal(claims.size(), 2);
      await tribunal.mine([await tribunal.start(0, holding(), inMemory(), [claims])], 60);
      assert.equal(await slashCount(), 1n);
      assert.deepEqual(await tribunal.struck(), [0, 1, 2, 3]);
      for (const seat of [0, 1, 2, 3]) assert.equal(await tribunal.slashedOf(seat), 400n);
      assert.equal(await network.rung(), 0);
    });

    it('finds after a restart what has tripped before it', async () => {
      const { height } = await trip();
      await anvil.test.mine({ blocks: 3 });
      const claims = createHolding();
      await claims.lookBack(height + 3n);
      await advance(claims);
      assert.equal(claims.size(), 1);
      await tribunal.mine([await tribunal.start(0, holding(), inMemory(), [claims])], 40);
      assert.equal(await tribunal.slashedOf(0), 400n);
    });

    it('proves anew what no judge takes any more', async () => {
      let looks = 0;
      // As after the owner has armed the rule again.
      const claims = createHolding(mayFire, (found) =>
        looks++ === 0 ? { ...found, proof: concatHex(['0x00', found.proof]) } : found,
      );
      const { certificate, height } = await trip();
      claims.note({ kind: 'incident', verdict: certificate.verdict, height });
      await anvil.test.mine({ blocks: 1 });
      await advance(claims);
      const challenger = await tribunal.start(0, holding(), inMemory(), [claims]);
      await tribunal.mine([challenger], 20);
      assert.equal(await slashCount(), 0n);
      await advance(claims);
      assert.equal(looks, 2);
      await tribunal.mine([challenger], 40);
      assert.equal(await slashCount(), 1n);
    });

    it('proves anew what was taken when it was committed to, and then is not', async () => {
      const claims = createHolding();
      const { certificate, height } = await trip();
      claims.note({ kind: 'incident', verdict: certificate.verdict, height });
      await anvil.test.mine({ blocks: 1 });
      await advance(claims);
      const refused: Offence[] = [];
      const refuse = (offence: Offence) => void refused.push(offence);
      // As where the owner disarms the rule between commitment and reveal.
      const challenger = await tribunal.start(
        0,
        holding(),
        inMemory(),
        [{ ...claims, refuse }],
        (court) => ({
          ...court,
          gasOf: async (to, data) => {
            const { functionName } = decodeFunctionData({
              abi: [...courtAbi, ...incidentBookAbi],
              data,
            });
            if (functionName === 'reveal') throw new RangeError('refused');
            return court.gasOf(to, data);
          },
        }),
      );
      await tribunal.mine([challenger], 12);
      assert.equal(refused.length, 1);
      assert.equal(refused[0]!.judge, 'false-claim');
    });

    it('shows the same lie though another trip has followed it', async () => {
      const claims = createHolding();
      const { certificate, height } = await trip();
      claims.note({ kind: 'incident', verdict: certificate.verdict, height });
      await anvil.test.mine({ blocks: 1, interval: 400 });
      await advance(claims);
      await trip(claimsRoot([]));
      await tribunal.mine([await tribunal.start(0, holding(), inMemory(), [claims])], 40);
      assert.equal(await slashCount(), 1n);
      assert.equal(await tribunal.slashedOf(0), 400n);
    });

    /** What the rule reads at the newest block, where nothing is wrong. */
    const truly = async () => {
      const providers = createProviders([anvil.url], {});
      const covered = { rule: network.rule } as CoveredRule;
      const { verdict } = (await network.certify()).certificate;
      return (await trueClaims(providers.agreed, registry(), covered, verdict))!.values;
    };

    it('has those slashed wholly who tripped with what was so, and no reason', async () => {
      const claims = createHolding();
      const { certificate, height } = await trip(claimsRoot(await truly()));
      claims.note({ kind: 'incident', verdict: certificate.verdict, height });
      await anvil.test.mine({ blocks: 1 });
      await advance(claims);
      assert.equal(claims.size(), 1);
      await tribunal.mine([await tribunal.start(0, holding(), inMemory(), [claims])], 60);
      assert.equal(await slashCount(), 1n);
      assert.equal(await tribunal.slashedOf(1), 400n);
      assert.equal(await network.rung(), 0);
    });

    it('accuses nobody of what is so and follows, nor of a block that is not the chain’s', async () => {
      // As if the rule fired: what it says of true values is the test before.
      const claims = createHolding(async () => true);
      const block = await anvil.client.getBlock();
      const { certificate } = await network.certify();
      const honest = await network.certify(claimsRoot(await truly()));
      claims.note({ kind: 'certificate', certificate: honest.certificate });
      const elsewhere = { ...certificate.verdict, blockHash: keccak256(block.hash) };
      claims.note({ kind: 'certificate', certificate: { ...certificate, verdict: elsewhere } });
      await anvil.test.mine({ blocks: 1 });
      await advance(claims);
      assert.equal(claims.size(), 0);
    });

    it('does not look at what its own node has signed', async () => {
      const claims = createHolding();
      const { certificate, digest } = await network.certify();
      claims.trust(digest);
      claims.note({ kind: 'certificate', certificate });
      await anvil.test.mine({ blocks: 1 });
      await advance(claims);
      assert.equal(claims.size(), 0);
    });
  });
});
