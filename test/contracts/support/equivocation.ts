import { keccak256, toHex } from 'viem';
import { openRegistry } from './coverage.ts';
import { certifyVerdict, coverArmed, verdictOf } from './registry.ts';

/** A word that no verdict of these tests says. */
export const other = keccak256(toHex('another'));

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
  /** Judges what these seats signed of each. */
  const judge = async (
    rig: Judged,
    { signers = [0, 1, 2], others = [2, 3, 4], first = rig.verdict, second = rig.conflict } = {},
  ) => {
    const absent = (seats: readonly number[]) =>
      [0, 1, 2, 3, 4, 5, 6].filter((seat) => !seats.includes(seat));
    const a = await certifyVerdict(rig, first, absent(signers));
    const b = await certifyVerdict(rig, second, absent(others));
    return rig.judge.write.judge([rig.registry.address, first, a, second, b], {
      account: rig.stranger.account,
    });
  };
  return {
    connection,
    viem,
    networkHelpers,
    judge,
    fresh: () => networkHelpers.loadFixture(deploy),
  };
};
