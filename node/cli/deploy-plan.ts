import { encodeDeployData, type Hex, keccak256, zeroAddress } from 'viem';
import {
  committeeAbi,
  committeeBytecode,
  courtAbi,
  courtBytecode,
  equivocationJudgeBytecode,
  falseClaimJudgeAbi,
  falseClaimJudgeBytecode,
  falseSilenceJudgeBytecode,
  founderAbi,
  founderBytecode,
  incidentBookAbi,
  incidentBookBytecode,
  nonSequiturJudgeAbi,
  nonSequiturJudgeBytecode,
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
  const names = [
    'watchers',
    'committee',
    'registry',
    'book',
    'falseClaim',
    'nonSequitur',
    'court',
    'prover',
  ] as const;
  const mark = named(names, (part) => markOf(part));
  const { watchers, committee, registry, court, prover, book } = mark;
  const judge = addressOf(salt, equivocationJudgeBytecode);
  const falseSilence = addressOf(salt, falseSilenceJudgeBytecode);
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
      args: [registry, zeroAddress, [judge, mark.falseClaim, mark.nonSequitur, falseSilence]],
    }),
    prover: encodeDeployData({ abi: proverAbi, bytecode: proverBytecode, args: [registry] }),
    book: encodeDeployData({
      abi: incidentBookAbi,
      bytecode: incidentBookBytecode,
      args: [registry],
    }),
    falseClaim: encodeDeployData({
      abi: falseClaimJudgeAbi,
      bytecode: falseClaimJudgeBytecode,
      args: [book],
    }),
    nonSequitur: encodeDeployData({
      abi: nonSequiturJudgeAbi,
      bytecode: nonSequiturJudgeBytecode,
      args: [book],
    }),
  };
  const founderCode = encodeDeployData({
    abi: founderAbi,
    bytecode: founderBytecode,
    args: [names.map((name) => keccak256(codes[name]))],
  });
  const founder = addressOf(salt, founderCode);
  const made = named(names, (part) => childOf(founder, part + 1n));
  return {
    alone: [
      { name: 'judge', code: equivocationJudgeBytecode },
      { name: 'falseSilence', code: falseSilenceJudgeBytecode },
      { name: 'verifier', code: quorumVerifierBytecode },
      { name: 'entries', code: ownerEntriesBytecode },
      { name: 'founder', code: founderCode },
    ],
    founder,
    parts: names.map((name) => ({ name, code: codes[name], address: made[name] })),
    addresses: {
      token,
      watchers: made.watchers,
      committee: made.committee,
      registry: made.registry,
      court: made.court,
      prover: made.prover,
      book: made.book,
      hub: childOf(made.registry, 1n),
      judge,
      verifier: addressOf(salt, quorumVerifierBytecode),
    },
  };
}

/** Something of each name, by its place. */
const named = <Name extends string>(names: readonly Name[], of: (place: bigint) => Hex) =>
  Object.fromEntries(names.map((name, place) => [name, of(BigInt(place))])) as Record<Name, Hex>;
