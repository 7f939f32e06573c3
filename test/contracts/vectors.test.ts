import assert from 'node:assert/strict';
import hre from 'hardhat';
import { type Hex, keccak256, toHex } from 'viem';
import { childAddress } from '../../protocol/committee.ts';
import { RULE_BOUNDS } from '../../protocol/named-rule.ts';
import { longestLife } from '../../protocol/quorum.ts';
import { evmRule } from '../../protocol/verdict.ts';
import { deployWatchers } from './support/committee.ts';
import { openCommittee, pageOf } from './support/weighed-committee.ts';
import { type certificates, type quorums, rosterOf } from '../vectors/certificate-vectors.ts';
import type { committees } from '../vectors/committee-vectors.ts';
import type { hashes, possessions } from '../vectors/curve-vectors.ts';
import type { claims, coverages, incidents, rules } from '../vectors/id-vectors.ts';
import { readVectors } from '../vectors/read.ts';
import type { verdicts } from '../vectors/verdict-vectors.ts';

const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const harness = await viem.deployContract('VectorHarness');

describe('vectors, read by the contracts', () => {
  it('verdicts and their keys have the same digests', async () => {
    for (const { domain, verdict, digest, key } of readVectors<ReturnType<typeof verdicts>>(
      'verdicts',
    )) {
      assert.equal(await harness.read.digest([domain.chainId, domain.registry, verdict]), digest);
      assert.equal(await harness.read.key([domain.chainId, domain.registry, verdict]), key);
    }
  });

  it('rules have the same ids', async () => {
    for (const { rule, id } of readVectors<ReturnType<typeof rules>>('rules'))
      assert.equal(await harness.read.ruleId([evmRule(rule)]), id);
  });

  it('coverages have the same ids', async () => {
    for (const { destination, id } of readVectors<ReturnType<typeof coverages>>('coverages')) {
      const { homeChainId, registry, targetChainId, hub, target, nonce } = destination;
      assert.equal(
        await harness.read.coverageId([homeChainId, registry, targetChainId, hub, target, nonce]),
        id,
      );
    }
  });

  it('claims have the same roots', async () => {
    for (const { values, root } of readVectors<ReturnType<typeof claims>>('claims'))
      assert.equal(await harness.read.claimsRoot([values]), root);
  });

  it('incidents have the same running hash', async () => {
    for (const { previous, record, hash } of readVectors<ReturnType<typeof incidents>>(
      'incidents',
    )) {
      const { digest, signers, signed, total, rung, trippedAt, end } = record;
      assert.equal(
        await harness.read.incident([
          previous,
          digest,
          signers,
          signed,
          total,
          rung,
          trippedAt,
          end,
        ]),
        hash,
      );
    }
  });

  it('quorums are reached by the same weights', async () => {
    const vectors = readVectors<ReturnType<typeof quorums>>('quorums');
    assert.deepEqual(
      await Promise.all(
        vectors.map(({ rung, signed, total }) => harness.read.hasQuorum([rung, signed, total])),
      ),
      vectors.map(({ reached }) => reached),
    );
  });

  it('messages hash to the same points of G1', async () => {
    for (const { tag, message, x, y } of readVectors<ReturnType<typeof hashes>>('hashes'))
      assert.equal(
        await harness.read.hashToG1([message, toHex(tag)]),
        `0x${'0'.repeat(32)}${x}${'0'.repeat(32)}${y}`,
      );
  });

  it('proofs of possession are bound to the same message', async () => {
    const token = await viem.deployContract('TestToken');
    const deployed = await deployWatchers(connection, token.address);
    const client = await viem.getPublicClient();
    const code = (await client.getCode({ address: deployed.address })) ?? '0x';
    for (const { binding, keyHash, message } of readVectors<ReturnType<typeof possessions>>(
      'possessions',
    )) {
      await networkHelpers.setCode(binding.watchers, code);
      const watchers = await viem.getContractAt('Watchers', binding.watchers);
      assert.equal(await watchers.read.possessionMessage([binding.operator, keyHash]), message);
    }
  });

  it('rules have the same bounds as in a manifest', async () => {
    const { slots, paths, detectorBytes, paramsBytes, minLife, reach, minGas, maxGas } =
      RULE_BOUNDS;
    const { coverageGas } = RULE_BOUNDS;
    const bounds = [
      slots,
      paths,
      detectorBytes,
      paramsBytes,
      minLife,
      reach,
      minGas,
      maxGas,
      coverageGas,
    ];
    assert.deepEqual(await harness.read.ruleBounds(), bounds.map(BigInt));
  });

  it('trips of each rung live as long', async () => {
    const hub = await viem.deployContract('BreakerHub');
    for (const rung of [1, 2, 3])
      assert.equal(await hub.read.longestLife([rung]), longestLife(rung));
  });

  const vectors = readVectors<ReturnType<typeof certificates>>('certificates');
  for (const roster of vectors.rosters)
    it(`certificates of ${roster.seats.length} seats prove the same weight`, async () => {
      const verifier = await viem.deployContract('QuorumVerifier');
      for (const { nonce, code } of [...roster.pages, roster])
        await networkHelpers.setCode(childAddress(vectors.committee, nonce), code as Hex);
      const [first] = readVectors<ReturnType<typeof verdicts>>('verdicts');
      assert.ok(first);
      for (const { evm, signed, total } of roster.certificates)
        assert.deepEqual(
          await verifier.read.verify([vectors.committee, roster.nonce, first.digest, evm]),
          [signed, total],
        );
    });

  for (const vector of readVectors<ReturnType<typeof committees>>('committees'))
    it(`${vector.seats} seats are the same roster, and their certificates prove the same weight`, async () => {
      const { committee, watchers, finish, codeOf } = await openCommittee();
      const verifier = await viem.deployContract('QuorumVerifier');
      const { keys, seats } = rosterOf(vector.seats);
      for (const weight of new Set(seats.map((seat) => seat.weight))) {
        const alike = seats.filter((seat) => seat.weight === weight).map(({ keyHash }) => keyHash);
        await watchers.write.setWeights([alike, weight]);
      }
      for (let first = 0; first < keys.length; first += 127)
        await committee.write.writePage([pageOf(keys.slice(first, first + 127)), []]);
      const { nonce } = await finish();
      for (const [index, page] of vector.pages.entries())
        assert.equal(keccak256((await codeOf(index + 1)) ?? '0x'), page);
      const code = (await codeOf(nonce)) ?? '0x';
      assert.equal(keccak256(code), vector.roster);
      for (const [index] of vector.pages.entries())
        await networkHelpers.setCode(
          childAddress(vectors.committee, index + 1),
          (await codeOf(index + 1)) ?? '0x',
        );
      await networkHelpers.setCode(childAddress(vectors.committee, nonce), code);
      const [first] = readVectors<ReturnType<typeof verdicts>>('verdicts');
      assert.ok(first);
      for (const { evm, signed } of vector.certificates)
        assert.deepEqual(
          await verifier.read.verify([vectors.committee, nonce, first.digest, evm]),
          [signed, vector.total],
        );
    }).timeout(60_000);
});
