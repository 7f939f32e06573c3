import assert from 'node:assert/strict';
import hre from 'hardhat';
import { encodeFunctionData, type Hex } from 'viem';
import {
  certifyVerdict,
  coverArmed,
  deployRegistry,
  type Rig,
  verdictOf,
} from './support/registry.ts';

const OVERHEAD = 57_500n;
const connection = await hre.network.create();
const { viem, networkHelpers } = connection;
const deploy = async () => {
  const rig = await deployRegistry(connection);
  const verifier = await viem.deployContract('QuorumVerifier');
  const id = await coverArmed(rig, [{ ...rig.rule, life: 300 }]);
  return { ...rig, rule: { ...rig.rule, life: 300 }, verifier, id };
};
const fresh = () => networkHelpers.loadFixture(deploy);

type Step = Readonly<{ depth: number; gas: number; op: string; stack: readonly string[] }>;

/** Gas of the calls that `caller` makes to `target`: what each call takes out of its caller, access and all. */
const gasOfCalls = async (
  { client }: Pick<Rig, 'client'>,
  hash: Hex,
  target: Hex,
): Promise<bigint> => {
  const trace = (await client.request({
    method: 'debug_traceTransaction' as never,
    params: [hash, { disableMemory: true, disableStorage: true }] as never,
  })) as unknown as { structLogs: readonly Step[] };
  let total = 0;
  for (const [index, step] of trace.structLogs.entries()) {
    if (step.op !== 'CALL' && step.op !== 'STATICCALL') continue;
    if (BigInt(`0x${(step.stack.at(-2) ?? '').replace(/^0x/, '')}`) !== BigInt(target)) continue;
    const after = trace.structLogs.slice(index + 1).find((next) => next.depth === step.depth);
    total += step.gas - (after?.gas ?? step.gas);
  }
  return BigInt(total);
};

describe('the gas of a trip', () => {
  for (const [name, absent] of [
    ['every seat signs', []],
    ['one seat is absent', [6]],
    ['the two smallest are absent', [5, 6]],
  ] as const)
    for (const again of [false, true])
      it(`is at most ${OVERHEAD} more than verifying when ${name}, the target's own call excluded${again ? ', the second time' : ''}`, async () => {
        const rig = await fresh();
        const { registry, verifier, committee, client, submitter } = rig;
        if (again) {
          const verdict = await verdictOf(rig, rig.id);
          await registry.write.submit([verdict, await certifyVerdict(rig, verdict)]);
          await networkHelpers.time.increase(300);
        }
        const verdict = await verdictOf(rig, rig.id);
        const certificate = await certifyVerdict(rig, verdict, absent);
        const hash = await registry.write.submit([verdict, certificate], {
          account: submitter.account,
        });
        const { gasUsed } = await client.getTransactionReceipt({ hash });
        const { nonce } = await committee.read.roster([rig.epoch]);
        const digest = await registry.read.digest([verdict]);
        const verified = await submitter.sendTransaction({
          to: verifier.address,
          data: encodeFunctionData({
            abi: verifier.abi,
            functionName: 'verify',
            args: [committee.address, nonce, digest, certificate],
          }),
        });
        const verifying = (await client.getTransactionReceipt({ hash: verified })).gasUsed;
        const own = await gasOfCalls(rig, hash, rig.target.address);
        const over = gasUsed - own - verifying;
        assert.ok(
          own > 0n && over <= OVERHEAD,
          `trip ${gasUsed}, target ${own}, verify ${verifying}: ${over} more`,
        );
      });
});
