import { type Hex, hexToBigInt, isHex, keccak256, size } from 'viem';
import { z } from 'zod';
import { faults } from '../../protocol/fault.ts';
import { encodeHeader } from '../../protocol/header.ts';
import { createMemory } from '../../protocol/memory.ts';
import type { Block } from '../lib/pipeline.ts';

const fault = faults<{
  HEADER_INVALID: { field: string };
  HEADER_HASH: { claimed: Hex; found: Hex };
}>();

const hex = z.custom<Hex>((value) => isHex(value), 'must be hex');
const word = hex.refine((value) => size(value) === 32, 'must be 32 bytes');
const quantity = z
  .string()
  .regex(/^0x(0|[1-9a-f][0-9a-f]{0,63})$/, 'must be a quantity')
  .transform((text) => text as Hex);

const headerSchema = z.object({
  hash: word,
  parentHash: word,
  sha3Uncles: word,
  miner: hex,
  stateRoot: word,
  transactionsRoot: word,
  receiptsRoot: word,
  logsBloom: hex.refine((value) => size(value) === 256, 'must be 256 bytes'),
  difficulty: quantity,
  number: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  timestamp: quantity,
  extraData: hex,
  mixHash: word,
  nonce: hex,
  baseFeePerGas: quantity.optional(),
  withdrawalsRoot: word.optional(),
  blobGasUsed: quantity.optional(),
  excessBlobGas: quantity.optional(),
  parentBeaconBlockRoot: word.optional(),
  requestsHash: word.optional(),
});

/** A block with the summary of the addresses and topics of its logs. */
export type Header = Block & Readonly<{ logsBloom: Hex }>;

/** The fields of a provider's answer, once they are shown to hash to its name. */
export function readFields(answer: unknown): z.output<typeof headerSchema> {
  const parsed = headerSchema.safeParse(answer);
  if (!parsed.success)
    throw fault('HEADER_INVALID', { field: parsed.error.issues[0]?.path.join('.') ?? '' });
  const header = parsed.data;
  const found = keccak256(encodeHeader(header));
  if (found !== header.hash) throw fault('HEADER_HASH', { claimed: header.hash, found });
  return header;
}

/** The block of a provider's answer. */
export function readHeader(chainId: bigint, answer: unknown): Header {
  const header = readFields(answer);
  return {
    chainId,
    height: hexToBigInt(header.number),
    hash: header.hash,
    parentHash: header.parentHash,
    timestamp: hexToBigInt(header.timestamp),
    stateRoot: header.stateRoot,
    logsBloom: header.logsBloom,
  };
}

/** Whether a block may hold a log with this address or topic; false is certain. */
export const mayHoldLog = ({ logsBloom }: Header, addressOrTopic: Hex): boolean =>
  bloomBitsOf(addressOrTopic).every((bit) => {
    const digit = Number.parseInt(logsBloom[2 + 511 - (bit >> 2)] ?? '0', 16);
    return ((digit >> (bit & 3)) & 1) === 1;
  });

/** The three bits that a log with this address or topic sets. */
const bloomBitsOf = (addressOrTopic: Hex): readonly number[] =>
  bloomBits(addressOrTopic, () => {
    const hash = keccak256(addressOrTopic);
    return [0, 1, 2].map(
      (pair) => Number.parseInt(hash.slice(2 + 4 * pair, 6 + 4 * pair), 16) % 2048,
    );
  });

// Each block is asked for the same registry, topics and coverages.
const bloomBits = createMemory<Hex, readonly number[]>(4_096);
