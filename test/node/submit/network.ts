import { encodeDeployData, type Hex, keccak256, stringToHex, zeroHash } from 'viem';
import { limits } from '../../../devnet/vault.ts';
import { deployAt, ensureProxy } from '../../../node/cli/create2.ts';
import { planDeployment } from '../../../node/cli/deploy-plan.ts';
import { lendStake, makePart } from '../../../node/cli/founding.ts';
import {
  breakerHubAbi,
  committeeAbi,
  leakyVaultAbi,
  leakyVaultBytecode,
  registryAbi,
  sharePriceFallBytecode,
  tokenAbi,
  tokenBytecode,
  watchersAbi,
} from '../../../protocol/abi.ts';
import {
  aggregate,
  evmKey,
  evmSignature,
  keyHash,
  provePossession,
  publicKeyOf,
  rawKey,
  sign,
} from '../../../protocol/bls.ts';
import { createCertificate } from '../../../protocol/certificate.ts';
import { type Deployment, deploymentSchema } from '../../../protocol/deployment.ts';
import type { Certificate, Committee, Domain, Rule, Verdict } from '../../../protocol/types.ts';
import { evmRule, ruleId, verdictDigest } from '../../../protocol/verdict.ts';
import { type Anvil, funded } from '../anvil.ts';

const SEATS = 4;
const STAKE = 400n;
const DAY = 86_400n;
/** For disputes about a bounty, and for their arbiters. */
const HOUR = 3_600n;
/** Blocks between roll calls: none is due in a test that does not ask for it. */
const SELDOM = 1n << 64n;

/** The BLS secret of a seat. */
export const blsSecret = (seat: number): Uint8Array => {
  const secret = new Uint8Array(32);
  secret[31] = seat + 1;
  return secret;
};

/** A registry with four seated watchers and one armed rule over a guarded vault. */
export async function createNetwork(anvil: Anvil, epochLength = DAY, rollCallPeriod = SELDOM) {
  const { wallet, client } = anvil;
  const mined = async (hash: Hex) => await client.waitForTransactionReceipt({ hash });
  const place = async (data: Hex): Promise<Hex> => {
    const { contractAddress } = await mined(await wallet.sendTransaction({ data }));
    return (contractAddress ?? '0x').toLowerCase() as Hex;
  };
  const token = await place(
    encodeDeployData({ abi: tokenAbi, bytecode: tokenBytecode, args: ['Stake', 'STK', 0] }),
  );
  const deployment = await deploy(anvil, token, epochLength, rollCallPeriod);
  const { watchers, committee, registry, hub } = deployment;

  for (let seat = 0; seat < SEATS; seat++) {
    const operator = funded(seat);
    const key = publicKeyOf(blsSecret(seat));
    const possession = provePossession(blsSecret(seat), {
      chainId: BigInt(anvil.chain.id),
      watchers,
      operator: operator.address,
    });
    await mined(
      await wallet.writeContract({
        address: token,
        abi: tokenAbi,
        functionName: 'mint',
        args: [operator.address, STAKE],
      }),
    );
    await mined(
      await wallet.writeContract({
        account: operator,
        address: token,
        abi: tokenAbi,
        functionName: 'approve',
        args: [watchers, STAKE],
      }),
    );
    const args = [
      STAKE,
      evmKey(key),
      evmSignature(possession),
      operator.address,
      operator.address,
    ] as const;
    await mined(
      await wallet.writeContract({
        account: operator,
        address: watchers,
        abi: watchersAbi,
        functionName: 'register',
        args,
      }),
    );
  }
  const keys = Array.from({ length: SEATS }, (_, seat) =>
    Buffer.from(rawKey(publicKeyOf(blsSecret(seat)))).toString('hex'),
  );
  await mined(
    await wallet.writeContract({
      address: committee,
      abi: committeeAbi,
      functionName: 'writePage',
      args: [`0x${keys.join('')}`, []],
    }),
  );
  await mined(
    await wallet.writeContract({
      address: committee,
      abi: committeeAbi,
      functionName: 'openEpoch',
    }),
  );

  const vault = await place(
    encodeDeployData({
      abi: leakyVaultAbi,
      bytecode: leakyVaultBytecode,
      args: [hub, funded(0).address, token, limits],
    }),
  );
  const code = await place(sharePriceFallBytecode);
  const rule: Rule = {
    class: 'A',
    rung: 3,
    life: 600,
    family: 'share-price',
    detector: 'share-price-fall@1.0.0',
    code,
    codeHash: keccak256((await client.getCode({ address: code })) ?? '0x'),
    gas: 100_000,
    reference: { kind: 'lookback', blocks: 1 },
    hold: 0,
    startBlock: 0n,
    slots: [1, 2].map(
      (slot) => ({ account: vault, slot: `0x${slot.toString(16).padStart(64, '0')}` }) as const,
    ),
    params: `0x${'c8'.padStart(64, '0')}`,
  };
  const cover = {
    address: registry,
    abi: registryAbi,
    functionName: 'cover',
    args: [vault, [evmRule(rule)], stringToHex('{}')],
    value: 10n ** 18n,
  } as const;
  await mined(await wallet.writeContract(cover));
  const coverageId = await client.readContract({
    address: registry,
    abi: registryAbi,
    functionName: 'coverageOf',
    args: [vault],
  });
  await mined(
    await wallet.writeContract({
      address: registry,
      abi: registryAbi,
      functionName: 'arm',
      args: [coverageId, ruleId(rule), 0n, `0x${'00'.repeat(32)}`],
    }),
  );

  // The rule looks a block back, and that block too must be one it was armed for.
  await anvil.test.mine({ blocks: 1 });
  const domain: Domain = { chainId: BigInt(anvil.chain.id), registry };
  const seats = Array.from({ length: SEATS }, (_, index) => {
    const key = publicKeyOf(blsSecret(index));
    return { index, key, keyHash: keyHash(key), weight: STAKE };
  });
  const roster: Committee = { epoch: 1n, seats, totalWeight: STAKE * BigInt(SEATS), maxRung: 3 };

  /** A certificate of the newest block, signed by all. */
  const certify = async (
    claims: Hex = `0x${'cc'.repeat(32)}`,
  ): Promise<{ digest: Hex; certificate: Certificate; height: bigint }> => {
    const block = await client.getBlock();
    const verdict: Verdict = {
      observedChainId: domain.chainId,
      coverageId,
      ruleId: ruleId(rule),
      blockHash: block.hash,
      subject: `0x${'00'.repeat(32)}`,
      height: block.number,
      epoch: 1n,
      rung: 3,
      life: 600,
      claimsRoot: claims,
    };
    const digest = verdictDigest(domain, verdict);
    const signers = seats.map(({ index }) => index);
    const signature = aggregate(signers.map((seat) => sign(blsSecret(seat), digest)));
    return {
      digest,
      height: block.number,
      certificate: createCertificate({ verdict, seatCount: SEATS, signers, signature }),
    };
  };

  const rung = () =>
    client.readContract({
      address: hub,
      abi: breakerHubAbi,
      functionName: 'rungOf',
      args: [vault],
    });
  return {
    anvil,
    ...deployment,
    deployment,
    domain,
    vault,
    coverageId,
    rule,
    roster,
    certify,
    rung,
  };
}

/** The contracts, as `tocsin deploy` makes them. */
async function deploy(
  anvil: Anvil,
  token: Hex,
  epochLength: bigint,
  rollCallPeriod: bigint,
): Promise<Deployment> {
  const { wallet, client, chain } = anvil;
  const access = { client, chain, chainId: chain.id, unreachable: [] };
  const { account } = wallet;
  const settings = {
    minStake: 1n,
    maxStake: 1000n,
    weightUnit: 1n,
    exitDelay: 9n * DAY,
    rosterLife: DAY,
    certificateAge: DAY,
    disputeWindow: 7n * DAY,
    epochLength,
    termsNotice: 32n,
    rollCallPeriod,
    bountyWindow: HOUR,
    rulingTime: HOUR,
  };
  const plan = planDeployment(token, settings, 0n, zeroHash);
  const stake = settings.minStake;
  const minting = { address: token, abi: tokenAbi, functionName: 'mint' } as const;
  const hash = await wallet.writeContract({ ...minting, args: [account.address, stake] });
  await client.waitForTransactionReceipt({ hash });
  await ensureProxy(access, account);
  for (const { name, code } of plan.alone)
    await deployAt(access, account, { name, salt: zeroHash, code });
  await lendStake(access, account, { ...plan.addresses, stake });
  for (const part of plan.parts) await makePart(access, account, plan.founder, part);
  return deploymentSchema.parse({ chainId: chain.id, deployedAt: 0, ...plan.addresses });
}

/** A network under test. */
export type Network = Awaited<ReturnType<typeof createNetwork>>;
