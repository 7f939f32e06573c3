import assert from 'node:assert/strict';
import { encodeErrorResult, getAddress, parseEventLogs } from 'viem';
import { breakerHubAbi } from '../../protocol/abi.ts';
import type { Rule } from '../../protocol/types.ts';
import { ruleId } from '../../protocol/verdict.ts';
import { detector, openRegistry } from './support/coverage.ts';
import { way } from './support/hostile.ts';
import { coverArmed, trip } from './support/registry.ts';

const { viem, bare } = await openRegistry();

describe('a target that fails when an opinion trips it', () => {
  it('is paid for by its owner, and nothing is spent or remembered of the opinion', async () => {
    const rig = await bare();
    const owner = rig.guardian.account.address;
    const hostile = await viem.deployContract('HostileTarget', [rig.hub.address, owner]);
    const rule: Rule = { ...rig.rule, ...detector, class: 'B', rung: 2, family: 'flow' };
    const id = await coverArmed(rig, [rule], { of: hostile.address });
    await hostile.write.behave([way('revert'), way('honest'), way('honest')]);
    const before = await rig.registry.read.ruleState([id, ruleId(rule)]);
    const hash = await trip(rig, id, { rule });
    const { logs } = await rig.client.getTransactionReceipt({ hash });
    const [failed] = parseEventLogs({ abi: rig.registry.abi, eventName: 'TargetFailed', logs });
    const args = [getAddress(hostile.address), 2] as const;
    const failure = encodeErrorResult({ abi: breakerHubAbi, errorName: 'TripFailed', args });
    assert.equal(failed?.args.failure, failure);
    assert.deepEqual(await rig.registry.read.ruleState([id, ruleId(rule)]), before);
    assert.equal((await rig.hub.read.opinionOf([hostile.address])).height, 0);
  });
});
