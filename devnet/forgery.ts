import { encodeAbiParameters, hexToBigInt, keccak256, toHex, zeroHash } from 'viem';
import { committeeAbi } from '../protocol/abi.ts';
import { claimsRoot } from '../protocol/verdict.ts';
import type { Reserve } from './aave.ts';
import { CHAIN_ID } from './chain.ts';
import { FEED_BOUNDS, LIFE } from './coverage.ts';
import type { Devnet } from './devnet.ts';

/** A call of FlashTripper over one feed, everything of its verdict right but that nobody signed it, and what the doors must answer. */
export async function flashAttempt(
  { chain, market, deployment, coverages, guards, stakes }: Devnet,
  asset: Reserve,
  pushed: bigint,
) {
  const anchor = asset.price;
  const epoch = await chain.client.readContract({
    address: deployment.committee,
    abi: committeeAbi,
    functionName: 'latestEpoch',
  });
  const { coverageId, ruleIds, target } = coverages.market;
  const forged = forgeries(stakes.length);
  const attempt = {
    feed: asset.feed,
    pushed,
    anchor,
    predicate: guards.feedBound.address,
    params: encodeAbiParameters(
      [{ type: 'uint32' }, { type: 'uint32' }],
      [FEED_BOUNDS.maxRiseBps, FEED_BOUNDS.maxFallBps],
    ),
    registry: deployment.registry,
    hub: deployment.hub,
    target,
    verdict: {
      observedChainId: BigInt(CHAIN_ID),
      coverageId,
      ruleId: ruleIds[market.reserves.indexOf(asset)]!,
      // The contract itself fills in the newest block.
      blockHash: zeroHash,
      height: 0n,
      subject: zeroHash,
      epoch,
      rung: 2,
      life: LIFE,
      claimsRoot: claimsRoot([word(pushed), word(anchor)]),
    },
    certificates: forged.map(({ certificate }) => certificate),
  };
  const refusals = [
    ...forged.map(({ refusal }) => `registry: ${refusal}`),
    'hub: NotRegistry',
    'breaker: NotHub',
  ];
  return { attempt, refusals };
}

const word = (value: bigint) => toHex(value, { size: 32 });

/** What someone without a single seat's key can hand in, and the check that stands in its way. */
const forgeries = (seats: number) => {
  const everybody = [(1n << BigInt(seats)) - 1n];
  // Signers are listed only where they are fewer than the others.
  const few = [(1n << BigInt(Math.floor((seats - 1) / 2))) - 1n];
  return [
    {
      certificate: { listsSigners: false, signature: generator, seats: [] },
      refusal: 'SignatureInvalid',
    },
    {
      certificate: { listsSigners: true, signature: generator, seats: few },
      refusal: 'SignatureInvalid',
    },
    // With everybody absent the keys sum to infinity too, and infinity pairs to one.
    {
      certificate: { listsSigners: false, signature: infinity, seats: everybody },
      refusal: 'SignatureIsInfinity',
    },
    {
      certificate: { listsSigners: false, signature: noise, seats: [] },
      refusal: 'PrecompileFailed',
    },
    {
      certificate: { listsSigners: true, signature: generator, seats: everybody },
      refusal: 'CertificateNotCanonical',
    },
  ] as const;
};

type Point = readonly [bigint, bigint, bigint, bigint];

// The generator of G1, as EIP-2537 takes a point: a valid signature of nothing.
const generator: Point = [
  0x17f1d3a73197d7942695638c4fa9ac0fn,
  0xc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bbn,
  0x08b3f481e3aaa0f1a09e30ed741d8ae4n,
  0xfcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1n,
];
const infinity: Point = [0n, 0n, 0n, 0n];
const noise: Point = [
  0n,
  hexToBigInt(keccak256(toHex('x'))),
  0n,
  hexToBigInt(keccak256(toHex('y'))),
];
