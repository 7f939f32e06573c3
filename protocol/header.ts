import { type Hex, toRlp } from 'viem';

/** The fields of a header as eth_getBlock answers them; each fork appended some, so the present ones are a prefix of all. */
export type HeaderFields = Readonly<{
  parentHash: Hex;
  sha3Uncles: Hex;
  miner: Hex;
  stateRoot: Hex;
  transactionsRoot: Hex;
  receiptsRoot: Hex;
  logsBloom: Hex;
  difficulty: Hex;
  number: Hex;
  gasLimit: Hex;
  gasUsed: Hex;
  timestamp: Hex;
  extraData: Hex;
  mixHash: Hex;
  nonce: Hex;
  baseFeePerGas?: Hex | undefined;
  withdrawalsRoot?: Hex | undefined;
  blobGasUsed?: Hex | undefined;
  excessBlobGas?: Hex | undefined;
  parentBeaconBlockRoot?: Hex | undefined;
  requestsHash?: Hex | undefined;
}>;

/** RLP of a header: what its block's hash is the keccak256 of, and what contracts read of a block. */
export function encodeHeader(header: HeaderFields): Hex {
  const fields = [
    header.parentHash,
    header.sha3Uncles,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    number(header.difficulty),
    number(header.number),
    number(header.gasLimit),
    number(header.gasUsed),
    number(header.timestamp),
    header.extraData,
    header.mixHash,
    header.nonce,
    number(header.baseFeePerGas),
    header.withdrawalsRoot,
    number(header.blobGasUsed),
    number(header.excessBlobGas),
    header.parentBeaconBlockRoot,
    header.requestsHash,
  ];
  return toRlp(fields.filter((field): field is Hex => field !== undefined));
}

/** RLP's form of a number: no leading zeros, nothing for zero. */
function number<T extends Hex | undefined>(quantity: T): T {
  if (quantity === undefined) return quantity;
  const digits = quantity.slice(2).replace(/^0+/, '');
  return `0x${digits.length % 2 === 0 ? '' : '0'}${digits}` as T;
}
