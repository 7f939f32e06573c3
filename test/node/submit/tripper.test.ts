import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { type Hex, parseEther } from 'viem';
import { createPredicates } from '../../../node/detect/predicates.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent, Finding } from '../../../node/lib/pipeline.ts';
import { createSuspects } from '../../../node/submit/suspects.ts';
import { createTripper, type Tripper, type TripperDeps } from '../../../node/submit/tripper.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import { breakerHubAbi, registryAbi } from '../../../protocol/abi.ts';
import { funded } from '../anvil.ts';
import { createWorld, type World, watch } from '../observe/support.ts';
import { inMemory } from './keepers.ts';

const [ASSETS, SUPPLY] = [1, 2];

describe('a tripper', () => {
  let world: World;
  let restore: () => Promise<void>;
  let watching: ReturnType<typeof watch> | null = null;
  before(async () => {
    world = await createWorld();
    await world.write(SUPPLY, 10n);
    await world.write(ASSETS, 1000n);
  });
  beforeEach(async () => {
    restore = await world.remember();
  });
  afterEach(async () => {
    await watching?.stop();
    watching = null;
    await restore();
  });
  after(() => world.stop());

  /** A vault that is stopped by the price of the slots' share, with an escrow. */
  const cover = async (escrow: bigint, life = 600) => {
    const shape = world.ruleShape('price', 'share-price-fall', [ASSETS, SUPPLY], { life });
    const coverageId = await world.cover([shape]);
    const { wallet, client } = world.anvil;
    const registry = { address: world.domain.registry, abi: registryAbi } as const;
    if (escrow > 0n) {
      const fund = {
        ...registry,
        functionName: 'fund',
        args: [coverageId],
        value: escrow,
      } as const;
      await client.waitForTransactionReceipt({ hash: await wallet.writeContract(fund) });
    }
    await world.arm(coverageId, shape);
    const read = { ...registry, functionName: 'coverage', args: [coverageId] } as const;
    return (await client.readContract(read)).target;
  };

  const tripperOf = (seat: number, changes: Partial<TripperDeps> = {}): Promise<Tripper> => {
    const { client, chain } = world.anvil;
    return createTripper({
      pending: inMemory(),
      client,
      sender: createSender({ client, account: funded(seat), chainId: chain.id }),
      hub: world.network.hub,
      prover: world.network.prover,
      isOn: true,
      own: new Set([world.network.roster.seats[seat]!.keyHash]),
      suspects: createSuspects(),
      proofOf: (...place) => watching!.observer.proofOf(...place),
      log: createLog({ level: 'silent', format: 'json' }),
      metrics: createMetrics(new Registry()),
      ...changes,
    });
  };

  const rungOf = (target: Hex) =>
    world.anvil.client.readContract({
      address: world.network.hub,
      abi: breakerHubAbi,
      functionName: 'rungOf',
      args: [target],
    });
  const escrowOf = async (target: Hex) => {
    const registry = { address: world.domain.registry, abi: registryAbi } as const;
    const { client } = world.anvil;
    const id = await client.readContract({
      ...registry,
      functionName: 'coverageOf',
      args: [target],
    });
    return (await client.readContract({ ...registry, functionName: 'coverage', args: [id] }))
      .escrow;
  };
  const sentBy = (seat: number) =>
    world.anvil.client.getTransactionCount({ address: funded(seat).address });

  /** Lets trippers see what a node sees: what fires at each block, and then the block. */
  const start = (trippers: () => readonly Tripper[]) => {
    const found: Finding[] = [];
    watching = watch([world.anvil.url], world.deployment, async (observer, state) => {
      const predicates = createPredicates({ codeOf: observer.codeOf });
      for (const fact of (await observer.facts(state)).facts) {
        const finding = await predicates.detect(fact);
        if (finding === null || 'code' in finding) continue;
        found.push(finding);
        for (const tripper of trippers()) tripper.offer(finding.covered, state.block.height);
      }
      const event = { kind: 'block', block: state.block, state } as unknown as BlockEvent;
      for (const tripper of trippers()) await tripper.note(event);
    });
    return found;
  };
  const pass = async (blocks: number) => {
    for (let mined = 0; mined < blocks; mined++) {
      await world.mine(1);
      await watching!.reach((await world.anvil.client.getBlock()).hash);
    }
  };
  const fall = async () => {
    const hash = (await world.write(ASSETS, 900n)) as Hex;
    // Told before it is mined.
    await world.anvil.client.waitForTransactionReceipt({ hash });
    await watching!.reach((await world.anvil.client.getBlock()).hash);
  };

  it('stops a target by itself where no certificate has come for eight blocks, and is paid back', async () => {
    const target = await cover(parseEther('1'));
    const trippers = [await tripperOf(1)];
    const found = start(() => trippers);
    await fall();
    assert.equal(found.length, 1);
    const before = await sentBy(1);
    await pass(7);
    assert.deepEqual([await rungOf(target), await sentBy(1)], [0, before]);
    const held = await world.anvil.client.getBalance(funded(1));
    await pass(12);
    assert.deepEqual([await rungOf(target), await sentBy(1)], [3, before + 1]);
    const lost = held - (await world.anvil.client.getBalance(funded(1)));
    const refunded = parseEther('1') - (await escrowOf(target));
    assert.ok(refunded > 0n && 10n * lost < refunded, `${lost} of ${refunded}`);
    await pass(12);
    assert.equal(await sentBy(1), before + 1);
  });

  it('leaves a trip to whose turn it is', async () => {
    const target = await cover(parseEther('1'));
    const trippers = await Promise.all([1, 2, 3].map((seat) => tripperOf(seat)));
    start(() => trippers);
    await fall();
    const before = await Promise.all([1, 2, 3].map(sentBy));
    await pass(30);
    const after = await Promise.all([1, 2, 3].map(sentBy));
    assert.equal(await rungOf(target), 3);
    const sent = after.map((count, index) => count - before[index]!);
    assert.deepEqual(sent.toSorted(), [0, 0, 1]);
  });

  it('sends nothing for an escrow that cannot pay, nor for what is clear at the canonical block', async () => {
    const target = await cover(0n);
    let asked = 0;
    const trippers = [
      await tripperOf(1, {
        proofOf: (...place) => {
          asked++;
          return watching!.observer.proofOf(...place);
        },
      }),
    ];
    start(() => trippers);
    const before = await sentBy(1);
    await fall();
    await pass(25);
    assert.deepEqual([await rungOf(target), await sentBy(1)], [0, before]);
    assert.equal(asked, 0);

    const other = await cover(parseEther('1'));
    await pass(4);
    const { block, state } = watching!.tip()!;
    const armed = state.rules.find((rule) => rule.target === other.toLowerCase())!;
    trippers[0]!.offer(armed, block.height);
    await pass(25);
    assert.deepEqual([await rungOf(other), await sentBy(1)], [0, before]);
  });

  it('goes on with other rules where one cannot be proven', async () => {
    const [first, second] = [await cover(parseEther('1')), await cover(parseEther('1'), 601)];
    let asked = 0;
    const trippers = [
      await tripperOf(1, {
        proofOf: (rule, ...place) => {
          asked++;
          return rule.life === 600
            ? Promise.reject(new RangeError('no eth_getProof'))
            : watching!.observer.proofOf(rule, ...place);
        },
      }),
    ];
    start(() => trippers);
    await fall();
    await pass(24);
    assert.deepEqual([await rungOf(first), await rungOf(second)], [0, 3]);
    assert.ok(asked > 1);
  });

  it('proves first what has the most escrow', async () => {
    for (const [escrow, life] of [
      ['1', 600],
      ['3', 601],
      ['2', 602],
    ] as const)
      await cover(parseEther(escrow), life);
    let isHeld = true;
    const asked: number[] = [];
    const tripper = await tripperOf(1, {
      suspects: { ...createSuspects(), isHeld: () => isHeld },
      proofOf: ({ life }) => {
        asked.push(life);
        return Promise.reject(new RangeError('no eth_getProof'));
      },
    });
    const found = start(() => [{ ...tripper, offer: () => undefined }]);
    await fall();
    for (const { covered, block } of found.toReversed()) tripper.offer(covered, block.height);
    await pass(20);
    isHeld = false;
    await pass(1);
    assert.deepEqual(asked, [601, 602, 600]);
  });

  it('holds back what a trip was mined in vain for, and no other', async () => {
    const targets: Hex[] = [];
    for (const life of [600, 601, 602]) targets.push(await cover(parseEther('1'), life));
    const { client, chain } = world.anvil;
    const sender = createSender({ client, account: funded(1), chainId: chain.id });
    const trippers = [
      await tripperOf(1, { sender: { ...sender, wasReverted: () => Promise.resolve(true) } }),
    ];
    start(() => trippers);
    await fall();
    await pass(24);
    assert.deepEqual(await Promise.all(targets.map(rungOf)), [3, 3, 3]);
  });
});
