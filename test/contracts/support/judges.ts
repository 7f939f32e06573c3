import type { NetworkConnection } from 'hardhat/types/network';
import { getAddress, type Hex, parseEventLogs, zeroHash } from 'viem';
import { signatureFromEvm } from '../../../protocol/bls.ts';
import { createCertificate } from '../../../protocol/certificate.ts';
import type { Landed } from '../../../protocol/evidence.ts';
import type { IncidentRecord } from '../../../protocol/incident.ts';
import type { Certificate, Rule, Verdict } from '../../../protocol/types.ts';
import { signDigest } from './bls.ts';
import { foretold } from './committee.ts';
import { wordsOf } from './court.ts';
import { openRegistry } from './coverage.ts';
import { deployPriced, type Rig as Priced, verdictAt, word } from './prover.ts';
import { type Rig as Registered, submit } from './registry.ts';

/** The judges of proofs by their places on the bench, after the judge of equivocation. */
export const KIND = { falseClaim: 1n, nonSequitur: 2n, falseSilence: 3n } as const;
/** Transactions of a deployment before the one that makes the registry. */
const BEFORE_REGISTRY = 7n;

/** The judges, and the book of the registry that the next deployment makes. */
export const deployJudges = async (connection: NetworkConnection) => {
  const { viem } = connection;
  const registry = await foretold(connection, 4n + BEFORE_REGISTRY);
  const book = await viem.deployContract('IncidentBook', [registry]);
  const falseClaim = await viem.deployContract('FalseClaimJudge', [book.address]);
  const nonSequitur = await viem.deployContract('NonSequiturJudge', [book.address]);
  const falseSilence = await viem.deployContract('FalseSilenceJudge');
  const judges = [falseClaim.address, nonSequitur.address, falseSilence.address];
  return { book, falseClaim, nonSequitur, falseSilence, judges };
};

/** A chain with priced coverages whose court has all judges. */
export const openJudges = async () => {
  const { connection, viem, networkHelpers } = await openRegistry();
  const deploy = async () => {
    const judges = await deployJudges(connection);
    const rig = await deployPriced(connection, judges);
    const home = await judges.book.read.REGISTRY();
    if (home !== getAddress(rig.registry.address)) throw new RangeError(home);
    return { ...rig, ...judges };
  };
  const fresh = () => networkHelpers.loadFixture(deploy);
  return { connection, viem, networkHelpers, fresh };
};
export type Rig = Awaited<ReturnType<Awaited<ReturnType<typeof openJudges>>['fresh']>>;

/** A certificate of a verdict by these seats. */
export const signedBy = async (
  { registry, keys }: Pick<Registered, 'registry' | 'keys'>,
  verdict: Verdict,
  signers: readonly number[],
): Promise<Certificate> => {
  const words = signDigest(
    await registry.read.digest([verdict]),
    signers.map((seat) => keys[seat]!),
  );
  const signature = signatureFromEvm(words);
  if (!signature.ok) throw new RangeError(signature.code);
  return createCertificate({
    verdict,
    seatCount: keys.length,
    signers,
    signature: signature.value,
  });
};

/** Trips by a verdict that all seats but the absent ones sign, whether it is true or not. */
export const land = async (
  rig: Registered & Readonly<{ id: Hex }>,
  verdict: Verdict,
  absent: readonly number[] = [],
): Promise<Landed> => {
  const { incidents: previous } = await rig.registry.read.coverage([rig.id]);
  const hash = await submit(rig, verdict, absent);
  return { previous, record: await recordOf(rig, hash), trail: [] };
};

/** The incident that a transaction made. */
export const recordOf = async (
  { client, registry }: Pick<Registered, 'client' | 'registry'>,
  hash: Hex,
): Promise<IncidentRecord> => {
  const { logs, blockNumber } = await client.getTransactionReceipt({ hash });
  const { timestamp: trippedAt } = await client.getBlock({ blockNumber });
  const [incident] = parseEventLogs({ abi: registry.abi, eventName: 'Incident', logs });
  if (!incident) throw new RangeError(`${hash} tripped nothing`);
  const { digest, signers, signed, total, rung, end } = incident.args;
  return { digest, signers, signed, total, rung, trippedAt, end };
};

/** A verdict about a height that claims these prices, and the incident that it made. */
export const landPrices = async (
  rig: Priced,
  height: bigint,
  prices: readonly bigint[],
  { rule = rig.rule, absent = [] }: { rule?: Rule; absent?: readonly number[] } = {},
) => {
  const verdict = await verdictAt(rig, height, prices, rule);
  const values = prices.map(word);
  return { kind: 'incident', verdict, values, landed: await land(rig, verdict, absent) } as const;
};

/** The same, which nobody submits. */
export const signPrices = async (
  rig: Priced,
  height: bigint,
  prices: readonly bigint[],
  { rule = rig.rule, signers = [1, 4] }: { rule?: Rule; signers?: readonly number[] } = {},
) => {
  const verdict = await verdictAt(rig, height, prices, rule);
  return { kind: 'certificate', certificate: await signedBy(rig, verdict, signers) } as const;
};

/** What a judge says of seats whose word tripped nothing. */
export const offenceOf = (epoch: bigint, seats: readonly number[]) => ({
  epoch,
  seats: wordsOf(seats),
  coverageId: zeroHash,
  rung: 0,
  trippedAt: 0n,
  end: 0n,
});

/** What a judge says of those who signed what landed. */
export const landedOffenceOf = ({ verdict, landed }: { verdict: Verdict; landed: Landed }) => ({
  epoch: verdict.epoch,
  seats: landed.record.signers,
  coverageId: verdict.coverageId,
  rung: verdict.rung,
  trippedAt: landed.record.trippedAt,
  end: landed.record.end,
});
