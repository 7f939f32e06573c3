import hre from 'hardhat';
import {
  bytesToHex,
  concatHex,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  keccak256,
  numberToHex,
  parseAbiParameters,
  parseEventLogs,
  size,
  toRlp,
  zeroHash,
} from 'viem';
import { falseClaimEvidence } from '../../../protocol/evidence.ts';
import { encodeHeader } from '../../../protocol/header.ts';
import type { Rule } from '../../../protocol/types.ts';
import { evmRule } from '../../../protocol/verdict.ts';
import { deployJudges, KIND, land } from './judges.ts';
import { coverArmed, deployRegistry, verdictOf } from './registry.ts';
import { anyWord, neighbours, trieOf } from './tries.ts';

const HISTORY: Hex = '0x0000F90827F1C53a10cb7A02335B175320002935';
const ACCOUNT: Hex = '0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0';
const PREDICATE: Hex = '0x00000000000000000000000000000000000000bb';
/** Fires whatever it is shown. */
const FIRING: Hex = '0x60015f5260405ff3';
/** Answers with the hash that a test has stored at a height. */
const ANSWERING: Hex = '0x5f35545f5260205ff3';
/** Older than what the opcode knows. */
const HEIGHT = 40n;

/** A state of full branches on the paths that are proven, and how much of it is. */
export type ProvenState = Readonly<{
  accountLevels: number;
  storageLevels: number;
  slots: number;
  blocks: 1 | 2;
}>;

/** States that are measured: as deep as those of the largest chains. */
export const PROVEN: readonly ProvenState[] = [
  { accountLevels: 8, storageLevels: 4, slots: 1, blocks: 1 },
  { accountLevels: 8, storageLevels: 4, slots: 2, blocks: 1 },
  { accountLevels: 8, storageLevels: 4, slots: 2, blocks: 2 },
];

/** Gas of one transaction that proves a rule's slots and asks its predicate, with the calldata's floor and without. */
export const measureProof = async (state: ProvenState) => {
  const call = await callOf(state);
  return {
    ...state,
    bytes: size(call.data),
    floor: floorOf(call.data),
    gas: await gasOf(call, 'osaka'),
    standard: await gasOf(call, 'cancun'),
  };
};

/** Gas of one transaction that trips by such a proof, the calldata's floor, and the share of its cost that was refunded. */
export const measureProvenTrip = async (state: ProvenState) => {
  const connection = await hre.network.create();
  const { networkHelpers } = connection;
  const { rule, proofAt } = await makeState(state);
  await networkHelpers.setCode(PREDICATE, FIRING);
  const rig = await deployRegistry(connection);
  const id = await coverArmed(rig, [rule]);
  const { prover, registry, client, submitter } = rig;
  const height = await client.getBlockNumber();
  const { proof, hashes } = proofAt(height);
  for (const { address } of [prover, registry]) {
    await networkHelpers.setCode(address, withoutBlockhash((await client.getCode({ address }))!));
    for (const [at, blockHash] of hashes)
      await networkHelpers.setStorageAt(address, numberToHex(at), blockHash);
  }
  const args = [id, evmRule(rule), height, proof] as const;
  const data = encodeFunctionData({ abi: prover.abi, functionName: 'trip', args });
  const hash = await submitter.sendTransaction({ to: prover.address, data, gas: 10_000_000n });
  const { gasUsed, effectiveGasPrice, logs } = await client.getTransactionReceipt({ hash });
  const [incident] = parseEventLogs({ abi: registry.abi, eventName: 'Incident', logs });
  const cost = Number(gasUsed * effectiveGasPrice);
  return {
    gas: Number(gasUsed),
    floor: floorOf(data),
    refunded: Number(incident?.args.refund ?? 0n) / cost,
  };
};

/** Gas of one transaction that convicts by such a proof who has tripped by false claims, and the calldata's floor. */
export const measureDispute = async (state: ProvenState) => {
  const connection = await hre.network.create();
  const { networkHelpers } = connection;
  const { rule, proofAt } = await makeState(state);
  await networkHelpers.setCode(PREDICATE, FIRING);
  const { judges, falseClaim } = await deployJudges(connection);
  const deployed = await deployRegistry(connection, { judges });
  const { registry, court, client, stranger } = deployed;
  const rig = { ...deployed, id: await coverArmed(deployed, [rule]) };
  const height = await client.getBlockNumber();
  const { proof, hashes } = proofAt(height);
  for (const { address } of [falseClaim, registry]) {
    await networkHelpers.setCode(address, withoutBlockhash((await client.getCode({ address }))!));
    for (const [at, blockHash] of hashes)
      await networkHelpers.setStorageAt(address, numberToHex(at), blockHash);
  }
  const blockHash = hashes[0]![1];
  const verdict = await verdictOf(rig, rig.id, { height, blockHash, claimsRoot: anyWord() }, rule);
  const landed = await land(rig, verdict, [2]);
  const lie = { kind: 'incident', verdict, landed } as const;
  const evidence = falseClaimEvidence(registry.address, lie, rule, proof);
  const { account } = stranger;
  const words = [KIND.falseClaim, evidence, anyWord()] as const;
  const commitment = await court.read.commitmentOf([account.address, ...words]);
  await court.write.commit([commitment], { account });
  const data = encodeFunctionData({ abi: court.abi, functionName: 'reveal', args: words });
  const hash = await stranger.sendTransaction({ to: court.address, data, gas: 10_000_000n });
  const { gasUsed, status } = await client.getTransactionReceipt({ hash });
  if (status !== 'success') throw new RangeError(`${size(data)} bytes convict nobody`);
  return { gas: Number(gasUsed), floor: floorOf(data) };
};

/** What a transaction with this calldata costs at least (EIP-7623). */
const floorOf = (data: Hex): number => {
  const bytes = hexToBytes(data);
  const zeros = bytes.filter((byte) => byte === 0).length;
  return 21_000 + 10 * zeros + 40 * (bytes.length - zeros);
};

type Call = Readonly<{ data: Hex; hashes: Hashes }>;
type Hashes = readonly (readonly [height: bigint, hash: Hex])[];

const callOf = async (state: ProvenState): Promise<Call> => {
  const { rule, proofAt } = await makeState(state);
  const { proof, hashes } = proofAt(HEIGHT);
  const { abi } = await hre.artifacts.readArtifact('ProofHarness');
  const args = [evmRule(rule), HEIGHT, zeroHash, proof] as const;
  return { data: encodeFunctionData({ abi, functionName: 'judge', args }), hashes };
};

/** A rule of such a state's slots, which fires, and the proof of them at any height, with the hashes that it takes. */
export const makeState = async ({ accountLevels, storageLevels, slots, blocks }: ProvenState) => {
  const names = Array.from({ length: slots }, anyWord);
  const places = names.map((name) => keccak256(name));
  const storage = await trieOf([
    ...places.flatMap((place) => neighbours(place, storageLevels)).map(valued),
    ...places.map(valued),
  ]);
  const key = keccak256(ACCOUNT);
  const account = (root: Hex) =>
    toRlp([numberToHex(9), numberToHex(2n ** 80n + 1n), root, anyWord()]);
  const states = await trieOf([
    ...neighbours(key, accountLevels).map((other) => [other, account(anyWord())] as const),
    [key, account(storage.root)],
  ]);
  const nodes = [
    await states.proof(key),
    ...(await Promise.all(places.map((place) => storage.proof(place)))),
  ];
  const proofAt = (height: bigint) => {
    const heights = blocks === 1 ? [height] : [height, height - 1n];
    const headers = heights.map((at) => headerOf(at, states.root));
    return {
      proof: concatHex(headers.flatMap((header) => [header, ...nodes])),
      hashes: headers.map((header, index) => [heights[index]!, keccak256(header)] as const),
    };
  };
  return { rule: ruleOf(names, blocks), proofAt };
};

const ruleOf = (names: readonly Hex[], blocks: number): Rule => ({
  class: 'A',
  rung: 3,
  life: 3600,
  family: 'price',
  detector: 'share-price-fall@1.0.0',
  code: PREDICATE,
  codeHash: keccak256(FIRING),
  gas: 50_000,
  reference: blocks === 1 ? { kind: 'none' } : { kind: 'lookback', blocks: 1 },
  hold: 0,
  startBlock: 0n,
  slots: names.map((slot) => ({ account: ACCOUNT, slot })),
  params: encodeAbiParameters(parseAbiParameters('uint32, uint32'), [1000, 2000]),
});

/** Of 32 bytes: a value that begins with zeros is shorter. */
const valued = (place: Hex) => [place, toRlp(`0xff${anyWord().slice(4)}`)] as const;

/** With the fields of a busy block, none of which costs less. */
export const headerOf = (height: bigint, stateRoot: Hex): Hex =>
  encodeHeader({
    parentHash: anyWord(),
    sha3Uncles: anyWord(),
    miner: ACCOUNT,
    stateRoot,
    transactionsRoot: anyWord(),
    receiptsRoot: anyWord(),
    logsBloom: concatHex(Array.from({ length: 8 }, anyWord)),
    difficulty: '0x0',
    number: numberToHex(height),
    gasLimit: '0x2aea540',
    gasUsed: '0x2aea540',
    timestamp: '0x68f1a2b3',
    extraData: anyWord(),
    mixHash: anyWord(),
    nonce: `0x${'00'.repeat(8)}`,
    baseFeePerGas: '0x3b9aca01',
    withdrawalsRoot: anyWord(),
    blobGasUsed: '0xc0000',
    excessBlobGas: '0x4b80000',
    parentBeaconBlockRoot: anyWord(),
    requestsHash: anyWord(),
  });

const gasOf = async ({ data, hashes }: Call, hardfork: 'osaka' | 'cancun'): Promise<number> => {
  const connection = await hre.network.create({ network: 'default', override: { hardfork } });
  const { viem, networkHelpers } = connection;
  const harness = await viem.deployContract('ProofHarness');
  await networkHelpers.setCode(HISTORY, ANSWERING);
  await networkHelpers.setCode(PREDICATE, FIRING);
  for (const [height, hash] of hashes)
    await networkHelpers.setStorageAt(HISTORY, numberToHex(height), hash);
  await networkHelpers.mine(400);
  const [wallet] = await viem.getWalletClients();
  const client = await viem.getPublicClient();
  const hash = await wallet!.sendTransaction({ to: harness.address, data, gas: 10_000_000n });
  const { gasUsed, status } = await client.getTransactionReceipt({ hash });
  if (status !== 'success') throw new RangeError(`${size(data)} bytes were refused`);
  return Number(gasUsed);
};

/** Code whose every BLOCKHASH is an SLOAD, which costs more: a block's hash is what a test has stored at its height. */
const withoutBlockhash = (code: Hex): Hex => {
  const bytes = hexToBytes(code);
  for (let place = 0; place < bytes.length; place++) {
    const opcode = bytes[place]!;
    if (opcode === 0x40) bytes[place] = 0x54;
    if (opcode >= 0x60 && opcode <= 0x7f) place += opcode - 0x5f;
  }
  return bytesToHex(bytes);
};
