import { concatHex, fromRlp, type Hex, numberToHex, size } from 'viem';
import { faults } from './fault.ts';

const fault = faults<{ NODE_INVALID: { node: Hex } }>();

/** Nodes shorter than this lie within their parents. */
const HASHED = 32;
/** First byte of a packed branch: no RLP of a node begins with it. */
const PACKED: Hex = '0x00';
/** What some clients name the root of nothing by. */
const NOTHING: Hex = '0x80';

/** The nodes of eth_getProof as the contracts take them; `place` is the hash of the account's or the slot's name. */
export function packProof(proof: readonly Hex[], place: Hex): Hex {
  // Some clients repeat nodes that lie within their parents: they come last.
  const nodes = proof.filter((node, index) =>
    index === 0 ? node.toLowerCase() !== NOTHING : size(node) >= HASHED,
  );
  const parts: Hex[] = [];
  let depth = 0;
  for (const node of nodes) {
    const items = itemsOf(node);
    parts.push(packed(items, Number.parseInt(place[2 + depth] ?? '0', 16)) ?? node);
    depth += items.length === 17 ? 1 : pathLength(items);
  }
  return concatHex(parts);
}

type Items = readonly (Hex | readonly unknown[])[];

function itemsOf(node: Hex): Items {
  let items: unknown;
  try {
    items = fromRlp(node, 'hex');
  } catch (error) {
    throw fault('NODE_INVALID', { node }, error);
  }
  if (!Array.isArray(items) || (items.length !== 17 && items.length !== 2))
    throw fault('NODE_INVALID', { node });
  return items as Items;
}

/** A mask of the children and their hashes, but for the one on the path; null for what is not a branch of hashes. */
function packed(items: Items, digit: number): Hex | null {
  const isPlain = (item: Items[number]) =>
    typeof item === 'string' && (item === '0x' || size(item) === 32);
  if (items.length !== 17 || items[16] !== '0x' || !items.every(isPlain)) return null;
  const children = items.slice(0, 16) as Hex[];
  const mask = children.reduce((bits, child, index) => bits | (child === '0x' ? 0 : 1 << index), 0);
  const hashes = children.filter((_, index) => index !== digit);
  return concatHex([PACKED, numberToHex(mask, { size: 2 }), ...hashes]);
}

/** Digits on the path of a leaf or an extension. */
function pathLength([path]: Items): number {
  if (typeof path !== 'string') return 0;
  const isOdd = (Number.parseInt(path[2] ?? '0', 16) & 1) === 1;
  return 2 * (size(path) - 1) + (isOdd ? 1 : 0);
}
