import assert from 'node:assert/strict';
import {
  concatHex,
  decodeFunctionData,
  encodeDeployData,
  getContractAddress,
  type Hex,
  keccak256,
} from 'viem';
import { strike } from '../../../devnet/drainer.ts';
import { calls } from '../../../devnet/vault.ts';
import {
  courtAbi,
  incidentBookAbi,
  registryAbi,
  vaultDrainerAbi,
  vaultDrainerBytecode,
} from '../../../protocol/abi.ts';
import { evmCertificate } from '../../../protocol/certificate.ts';
import type { Verdict } from '../../../protocol/types.ts';
import { claimsRoot } from '../../../protocol/verdict.ts';
import { type Claims, createClaims } from '../../../node/challenge/claims.ts';
import { createLandings } from '../../../node/lib/landings.ts';
import type { Court } from '../../../node/challenge/court.ts';
import { createPredicates } from '../../../node/detect/predicates.ts';
import { createLog } from '../../../node/lib/log.ts';
import type { CoveredRule, Offence, TrueClaims } from '../../../node/lib/pipeline.ts';
import { createProviders } from '../../../node/lib/rpc.ts';
import { trueClaims } from '../../../node/observe/true-claims.ts';
import { inMemory } from '../submit/keepers.ts';
import { type Courtroom, openCourtroom } from './courtroom.ts';

describe('a challenger that holds others to what they claim', () => {
  let room: Courtroom;
  before(async () => {
    room = await openCourtroom();
  });
  beforeEach(() => room.reset());
  after(() => room.stop());

  const { mayBe } = createPredicates({
    codeOf: async (address) => (await room.anvil.client.getCode({ address })) ?? '0x',
  });
  const covered = () => ({ rule: room.network.rule }) as CoveredRule;
  const truth = (rule: CoveredRule, verdict: Verdict) => {
    const providers = createProviders([room.anvil.url], {});
    return trueClaims(providers.agreed, room.network.registry, rule, verdict);
  };
  const createHolding = (tellingOf: (found: TrueClaims) => TrueClaims = (found) => found) =>
    createClaims({
      domain: room.network.domain,
      formerRuleOf: covered,
      truth: async (rule, verdict) => {
        const found = await truth(rule, verdict);
        return found && tellingOf(found);
      },
      mayBe,
      landings: createLandings(room.anvil.client, room.network),
      log: createLog({ level: 'silent', format: 'json' }),
    });

  /** A trip by all seats, whatever it claims; its height. */
  const trip = async (claims?: Hex) => {
    const { certificate } = await room.network.certify(claims);
    const hash = await room.anvil.wallet.writeContract({
      address: room.network.registry,
      abi: registryAbi,
      functionName: 'submit',
      args: evmCertificate(certificate),
      gas: 3_000_000n,
    });
    await room.anvil.test.mine({ blocks: 1 });
    const { blockNumber: height } = await room.anvil.client.getTransactionReceipt({ hash });
    return { certificate, height };
  };

  const advance = async (claims: Claims) =>
    claims.advance(await room.anvil.client.getBlockNumber());

  it('has those slashed wholly who tripped with what was not so, and ends what they tripped', async () => {
    const claims = createHolding();
    const { certificate, height } = await trip();
    assert.equal(await room.network.rung(), 3);
    claims.note({ kind: 'incident', verdict: certificate.verdict, height });
    claims.note({ kind: 'certificate', certificate });
    await room.anvil.test.mine({ blocks: 1 });
    await advance(claims);
    assert.equal(claims.size(), 2);
    await room.mine([await room.start(0, room.holding(), inMemory(), [claims])], 60);
    assert.equal(await room.slashCount(), 1n);
    assert.deepEqual(await room.struck(), [0, 1, 2, 3]);
    for (const seat of [0, 1, 2, 3]) assert.equal(await room.slashedOf(seat), 400n);
    assert.equal(await room.network.rung(), 0);
  });

  it('finds after a restart what has tripped before it', async () => {
    const { height } = await trip();
    await room.anvil.test.mine({ blocks: 3 });
    const claims = createHolding();
    await claims.lookBack(height + 3n);
    await advance(claims);
    assert.equal(claims.size(), 1);
    await room.mine([await room.start(0, room.holding(), inMemory(), [claims])], 40);
    assert.equal(await room.slashedOf(0), 400n);
  });

  it('proves anew what no judge takes any more', async () => {
    let looks = 0;
    // As after the owner has armed the rule again.
    const claims = createHolding((found) =>
      looks++ === 0 ? { ...found, proof: concatHex(['0x00', found.proof]) } : found,
    );
    const { certificate, height } = await trip();
    claims.note({ kind: 'incident', verdict: certificate.verdict, height });
    await room.anvil.test.mine({ blocks: 1 });
    await advance(claims);
    const challenger = await room.start(0, room.holding(), inMemory(), [claims]);
    await room.mine([challenger], 20);
    assert.equal(await room.slashCount(), 0n);
    await advance(claims);
    assert.equal(looks, 2);
    await room.mine([challenger], 40);
    assert.equal(await room.slashCount(), 1n);
  });

  it('proves anew what was taken when it was committed to, and then is not', async () => {
    const claims = createHolding();
    const { certificate, height } = await trip();
    claims.note({ kind: 'incident', verdict: certificate.verdict, height });
    await room.anvil.test.mine({ blocks: 1 });
    await advance(claims);
    const refused: Offence[] = [];
    const refuse = (offence: Offence) => void refused.push(offence);
    // As where the owner disarms the rule between commitment and reveal.
    const alter = (court: Court): Court => ({
      ...court,
      gasOf: async (to, data) => {
        const { functionName } = decodeFunctionData({
          abi: [...courtAbi, ...incidentBookAbi],
          data,
        });
        if (functionName === 'reveal') throw new RangeError('refused');
        return court.gasOf(to, data);
      },
    });
    const known = [{ ...claims, refuse }];
    await room.mine([await room.start(0, room.holding(), inMemory(), known, alter)], 12);
    assert.deepEqual(
      refused.map(({ judge }) => judge),
      ['false-claim'],
    );
  });

  it('shows the same lie though another trip has followed it', async () => {
    const claims = createHolding();
    const { certificate, height } = await trip();
    claims.note({ kind: 'incident', verdict: certificate.verdict, height });
    await room.anvil.test.mine({ blocks: 1, interval: 400 });
    await advance(claims);
    await trip(claimsRoot([]));
    await room.mine([await room.start(0, room.holding(), inMemory(), [claims])], 40);
    assert.equal(await room.slashCount(), 1n);
    assert.equal(await room.slashedOf(0), 400n);
  });

  /** What the rule reads at the newest block, whether it fires or not. */
  const truly = async () => {
    const { verdict } = (await room.network.certify()).certificate;
    return (await truth(covered(), verdict))!.values;
  };

  /** Shares of the vault lose a tenth of their worth in the newest block. */
  const drain = async (): Promise<void> => {
    const { anvil, network } = room;
    const { client, test, wallet } = anvil;
    const from = wallet.account.address;
    const nonce = BigInt(await client.getTransactionCount({ address: from }));
    const drainer = getContractAddress({ from, nonce });
    const send = (to: Hex, data: Hex) => wallet.sendTransaction({ to, data, gas: 1_000_000n });
    const data = encodeDeployData({
      abi: vaultDrainerAbi,
      bytecode: vaultDrainerBytecode,
      args: [network.vault],
    });
    await wallet.sendTransaction({ data, gas: 2_000_000n });
    await send(network.token, calls.mint(from, 1_000n));
    await send(network.token, calls.mint(drainer, 100n));
    await send(network.token, calls.approve(network.vault));
    await send(network.vault, calls.deposit(1_000n));
    await test.mine({ blocks: 1 });
    await send(drainer, strike(100n, 2n));
    await test.mine({ blocks: 1 });
  };

  it('has those slashed wholly who tripped with what was so, and no reason', async () => {
    const claims = createHolding();
    const { certificate, height } = await trip(claimsRoot(await truly()));
    claims.note({ kind: 'incident', verdict: certificate.verdict, height });
    await room.anvil.test.mine({ blocks: 1 });
    await advance(claims);
    assert.equal(claims.size(), 1);
    await room.mine([await room.start(0, room.holding(), inMemory(), [claims])], 60);
    assert.equal(await room.slashCount(), 1n);
    assert.equal(await room.slashedOf(1), 400n);
    assert.equal(await room.network.rung(), 0);
  });

  it('accuses nobody of what is so and follows, nor of a block that is not the chain’s', async () => {
    await drain();
    const claims = createHolding();
    const block = await room.anvil.client.getBlock();
    const { certificate } = await room.network.certify();
    const honest = await room.network.certify(claimsRoot(await truly()));
    claims.note({ kind: 'certificate', certificate: honest.certificate });
    const elsewhere = { ...certificate.verdict, blockHash: keccak256(block.hash) };
    claims.note({ kind: 'certificate', certificate: { ...certificate, verdict: elsewhere } });
    await room.anvil.test.mine({ blocks: 1 });
    await advance(claims);
    assert.equal(claims.size(), 0);
  });

  it('does not look at what its own node has signed', async () => {
    const claims = createHolding();
    const { certificate, digest } = await room.network.certify();
    claims.trust(digest);
    claims.note({ kind: 'certificate', certificate });
    await room.anvil.test.mine({ blocks: 1 });
    await advance(claims);
    assert.equal(claims.size(), 0);
  });
});
