import { type Hex, parseEventLogs } from 'viem';
import { offence, openCourt, TRUSTING } from './court.ts';
import { coverArmed, deployRegistry, type Rig, submit, verdictOf } from './registry.ts';

/** What the owner of the stopped coverage pays a week. */
export const PREMIUM = 6_000n;
export const HOUR = 3_600n;

/** What a trip tells of itself, as evidence repeats it. */
export const landed = async ({ client, registry }: Rig, hash: Hex) => {
  const { logs, blockNumber } = await client.getTransactionReceipt({ hash });
  const [incident] = parseEventLogs({ abi: registry.abi, eventName: 'Incident', logs });
  const { timestamp } = await client.getBlock({ blockNumber });
  const { coverageId, rung, end } = incident!.args;
  return { coverageId, rung, trippedAt: timestamp, end };
};

/** Trips a coverage, and tells of it as evidence does. */
export const lie = async (rig: Rig, id: Hex) =>
  landed(rig, await submit(rig, await verdictOf(rig, id)));

/** A covered target that the seats 2 and 6 have tripped with the rest, under a judge that believes what it is told. */
export const openRedress = async () => {
  const { connection, viem, networkHelpers } = await openCourt();
  const deploy = async () => {
    const trusting = await viem.deployContract('TrustingJudge');
    const premiums = await viem.deployContract('NamedPremiums');
    const rig = await deployRegistry(connection, {
      judges: [trusting.address],
      premiums: premiums.address,
    });
    const id = await coverArmed(rig);
    await premiums.write.name([id, PREMIUM]);
    return { ...rig, premiums, id, lie: await lie(rig, id) };
  };
  type Lied = Awaited<ReturnType<typeof deploy>>;
  const redress = (rig: Lied, told = rig.lie) =>
    rig.court.write.redress([TRUSTING, offence(rig.epoch, [2, 6], told)]);
  const fresh = () => networkHelpers.loadFixture(deploy);
  return { connection, viem, networkHelpers, redress, fresh };
};
