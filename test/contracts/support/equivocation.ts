import { encodeAbiParameters, getAbiItem, type Hex, keccak256, toHex } from 'viem';
import { equivocationJudgeAbi } from '../../../protocol/abi.ts';
import { accuse } from './court.ts';
import { openRegistry } from './coverage.ts';
import { certifyVerdict, coverArmed, type VerdictArgs, verdictOf } from './registry.ts';
import type { CertificateArgs } from './roster.ts';

/** A word that no verdict of these tests says. */
export const other = keccak256(toHex('another'));

/** What the judge of equivocation takes: the arguments of its comparison but the registry. */
export const evidenceOf = (
  first: VerdictArgs,
  certificateOfFirst: CertificateArgs,
  second: VerdictArgs,
  certificateOfSecond: CertificateArgs,
): Hex => encodeAbiParameters(COMPARED, [first, certificateOfFirst, second, certificateOfSecond]);
const [, ...COMPARED] = getAbiItem({ abi: equivocationJudgeAbi, name: 'compare' }).inputs;

/** A registry, and two verdicts under one key that claim different values. */
export const openEquivocation = async () => {
  const { connection, viem, networkHelpers, bare } = await openRegistry();
  const deploy = async () => {
    const rig = await bare();
    const id = await coverArmed(rig, [rig.rule, { ...rig.rule, rung: 1 }]);
    const verdict = await verdictOf(rig, id);
    return { ...rig, id, verdict, conflict: { ...verdict, claimsRoot: other } };
  };
  type Judged = Awaited<ReturnType<typeof deploy>>;
  /** Convicts who signed both, when these seats signed each. */
  const judge = async (
    rig: Judged,
    { signers = [0, 1, 2], others = [2, 3, 4], first = rig.verdict, second = rig.conflict } = {},
  ) => {
    const absent = (seats: readonly number[]) =>
      [0, 1, 2, 3, 4, 5, 6].filter((seat) => !seats.includes(seat));
    const a = await certifyVerdict(rig, first, absent(signers));
    const b = await certifyVerdict(rig, second, absent(others));
    return accuse(rig, 0n, evidenceOf(first, a, second, b));
  };
  const fresh = () => networkHelpers.loadFixture(deploy);
  return { connection, viem, networkHelpers, judge, fresh };
};
