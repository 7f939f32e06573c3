import { encodeDeployData, type Hex, keccak256, zeroAddress } from 'viem';
import {
  committeeAbi,
  committeeBytecode,
  courtAbi,
  courtBytecode,
  equivocationJudgeBytecode,
  founderAbi,
  founderBytecode,
  ownerEntriesBytecode,
  proverAbi,
  proverBytecode,
  quorumVerifierBytecode,
  registryAbi,
  registryBytecode,
  watchersAbi,
  watchersBytecode,
} from '../../protocol/abi.ts';
import type { Deployment } from '../../protocol/deployment.ts';
import { addressOf, childOf } from './create2.ts';
import { markOf } from './founding.ts';
import type { Settings } from './settings.ts';

/** The addresses in an address file. */
export type Addresses = Omit<Deployment, 'chainId' | 'deployedAt'>;

/**
 * What a deployment sends. `alone` names nobody and goes through the proxy, the founder last; `parts` name each other,
 * and the founder makes them in this order.
 */
export type Plan = Readonly<{
  alone: readonly Readonly<{ name: string; code: Hex }>[];
  founder: Hex;
  parts: readonly Readonly<{ name: string; code: Hex; address: Hex }>[];
  addresses: Addresses;
}>;

/** The contracts of a deployment and where they land: it follows from these four alone. */
export function planDeployment(token: Hex, settings: Settings, ruleDelay: bigint, salt: Hex): Plan {
  const { epochLength, ...stakes } = settings;
  const [watchers, committee, registry, court, prover] = [0n, 1n, 2n, 3n, 4n].map(markOf) as Five;
  const judge = addressOf(salt, equivocationJudgeBytecode);
  const codes = {
    watchers: encodeDeployData({
      abi: watchersAbi,
      bytecode: watchersBytecode,
      args: [token, stakes, court],
    }),
    committee: encodeDeployData({
      abi: committeeAbi,
      bytecode: committeeBytecode,
      args: [watchers, epochLength],
    }),
    registry: encodeDeployData({
      abi: registryAbi,
      bytecode: registryBytecode(addressOf(salt, ownerEntriesBytecode)),
      args: [committee, ruleDelay, court, prover],
    }),
    court: encodeDeployData({
      abi: courtAbi,
      bytecode: courtBytecode,
      args: [registry, zeroAddress, [judge]],
    }),
    prover: encodeDeployData({ abi: proverAbi, bytecode: proverBytecode, args: [registry] }),
  };
  const founderCode = encodeDeployData({
    abi: founderAbi,
    bytecode: founderBytecode,
    args: [Object.values(codes).map((code) => keccak256(code))],
  });
  const founder = addressOf(salt, founderCode);
  const parts = Object.entries(codes).map(([name, code], index) => ({
    name,
    code,
    address: childOf(founder, BigInt(index) + 1n),
  }));
  const [first, second, third, fourth, fifth] = parts.map(({ address }) => address) as Five;
  return {
    alone: [
      { name: 'judge', code: equivocationJudgeBytecode },
      { name: 'verifier', code: quorumVerifierBytecode },
      { name: 'entries', code: ownerEntriesBytecode },
      { name: 'founder', code: founderCode },
    ],
    founder,
    parts,
    addresses: {
      token,
      watchers: first,
      committee: second,
      registry: third,
      court: fourth,
      prover: fifth,
      hub: childOf(third, 1n),
      judge,
      verifier: addressOf(salt, quorumVerifierBytecode),
    },
  };
}
type Five = [Hex, Hex, Hex, Hex, Hex];
