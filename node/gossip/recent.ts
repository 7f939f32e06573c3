import type { Hex } from 'viem';
import type { Attestation } from '../../protocol/types.ts';
import { WINDOW } from './context.ts';

/** An attestation whose signature was verified, with its two hashes. */
export type Heard = Readonly<{ attestation: Attestation; digest: Hex; keyDigest: Hex }>;

/** Two verified attestations of one seat under one key that say different things. */
export type Equivocation = Readonly<{
  epoch: bigint;
  seat: number;
  first: Attestation;
  second: Attestation;
}>;

/** Block hashes of one height that a seat may speak about per rule: the canonical one and a few reorged away. */
const BLOCKS_A_HEIGHT = 4;

/** Attestations kept of one seat within the window. */
const PER_SEAT = 4096;

/** What was heard within the window, bounded per seat whatever a seat signs. */
export type Recent = ReturnType<typeof createRecent>;

/** A memory of verified attestations, by height. */
export function createRecent() {
  const heights = new Map<bigint, { byKey: Map<string, Heard[]>; blocks: Map<string, number> }>();
  const perSeat = new Map<string, number>();

  const seatKey = ({ verdict, seat }: Attestation) => `${verdict.epoch}:${seat}`;
  const ofKey = ({ attestation, keyDigest }: Omit<Heard, 'digest'>): readonly Heard[] =>
    heights.get(attestation.verdict.height)?.byKey.get(`${seatKey(attestation)}:${keyDigest}`) ??
    [];

  /** How an attestation stands to what the same seat said before; asks nothing of its signature. */
  const relation = (heard: Heard): 'new' | 'duplicate' | 'conflict' | 'excess' => {
    const said = ofKey(heard);
    if (said.some(({ digest }) => digest === heard.digest)) return 'duplicate';
    if (said.length === 1) return 'conflict';
    if (said.length > 1) return 'excess';
    const { verdict } = heard.attestation;
    const blocks = heights.get(verdict.height)?.blocks.get(ruleKey(heard.attestation)) ?? 0;
    const total = perSeat.get(seatKey(heard.attestation)) ?? 0;
    return blocks >= BLOCKS_A_HEIGHT || total >= PER_SEAT ? 'excess' : 'new';
  };

  /** Keeps a verified attestation; answers with the one it contradicts, if any. */
  const keep = (heard: Heard): Attestation | null => {
    const { attestation, keyDigest } = heard;
    const at = heights.get(attestation.verdict.height) ?? { byKey: new Map(), blocks: new Map() };
    heights.set(attestation.verdict.height, at);
    const key = `${seatKey(attestation)}:${keyDigest}`;
    const said = at.byKey.get(key) ?? [];
    at.byKey.set(key, [...said, heard]);
    if (said.length === 0)
      at.blocks.set(ruleKey(attestation), (at.blocks.get(ruleKey(attestation)) ?? 0) + 1);
    perSeat.set(seatKey(attestation), (perSeat.get(seatKey(attestation)) ?? 0) + 1);
    return said[0]?.attestation ?? null;
  };

  const prune = (head: bigint) => {
    for (const [height, { byKey }] of heights) {
      if (height + WINDOW >= head) continue;
      heights.delete(height);
      for (const heard of [...byKey.values()].flat()) {
        const key = seatKey(heard.attestation);
        const left = (perSeat.get(key) ?? 0) - 1;
        if (left > 0) perSeat.set(key, left);
        else perSeat.delete(key);
      }
    }
  };

  /** Newest heights first, down to and with `from`. */
  const since = (from: bigint): readonly Attestation[] =>
    [...heights.keys()]
      .filter((height) => height >= from)
      .sort((a, b) => (a < b ? 1 : -1))
      .flatMap((height) =>
        [...heights.get(height)!.byKey.values()].flat().map(({ attestation }) => attestation),
      );

  const size = () => [...heights.values()].reduce((sum, { byKey }) => sum + byKey.size, 0);

  return { relation, keep, prune, since, size };
}

const ruleKey = ({ verdict, seat }: Attestation) =>
  `${verdict.epoch}:${seat}:${verdict.coverageId}:${verdict.ruleId}`;
