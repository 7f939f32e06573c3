import assert from 'node:assert/strict';
import { deploymentSchema } from '../../protocol/deployment.ts';

const address = (byte: string) => `0x${byte.repeat(20)}`;
const deployment = {
  chainId: 31_337,
  deployedAt: 0,
  token: address('Aa'),
  watchers: address('02'),
  committee: address('03'),
  registry: address('04'),
  hub: address('05'),
  judge: address('06'),
  court: address('08'),
  prover: address('09'),
  book: address('0a'),
  verifier: address('07'),
};

describe('deployment', () => {
  it('is read with its addresses in lower case', () => {
    assert.deepEqual(deploymentSchema.parse(deployment), { ...deployment, token: address('aa') });
  });

  for (const [what, changes, path] of [
    ['an unknown key', { owner: address('08') }, ''],
    ['a chain id of zero', { chainId: 0 }, 'chainId'],
    ['a chain id in quotes', { chainId: '31337' }, 'chainId'],
    ['half a block', { deployedAt: 0.5 }, 'deployedAt'],
    ['a short address', { hub: '0x05' }, 'hub'],
    ['no address', { judge: undefined }, 'judge'],
  ] as const)
    it(`${what} is refused at its field`, () => {
      const [issue] = deploymentSchema.safeParse({ ...deployment, ...changes }).error?.issues ?? [];
      assert.equal(issue?.path.join('.'), path);
    });
});
