import type { Hex } from 'viem';
import type { Attestation } from '../../protocol/types.ts';
import { WINDOW } from './context.ts';

/** An attestation whose signature was verified, with its two hashes. */
export type Heard = Readonly<{ attestation: Attestation; digest: Hex; keyDigest: Hex }>;

/** Block hashes of one height that a seat may speak about per rule: the canonical one and a few reorged away. */
const BLOCKS_A_HEIGHT = 4;

/** Attestations kept of one seat about one coverage within the window: a coverage that always fires silences no other. */
const PER_COVERAGE = 1024;

/** What was heard within the window, bounded per seat and coverage whatever a seat signs. */
export type Recent = ReturnType<typeof createRecent>;

/** A memory of verified attestations, by height. */
export function createRecent() {
  const heights = new Map<bigint, { byKey: Map<string, Heard[]>; blocks: Map<string, number> }>();
  const perCoverage = new Map<string, number>();

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
    const total = perCoverage.get(coverageKey(heard.attestation)) ?? 0;
    return blocks >= BLOCKS_A_HEIGHT || total >= PER_COVERAGE ? 'excess' : 'new';
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
    perCoverage.set(coverageKey(attestation), (perCoverage.get(coverageKey(attestation)) ?? 0) + 1);
    return said[0]?.attestation ?? null;
  };

  const prune = (head: bigint) => {
    for (const [height, { byKey }] of heights) {
      if (height + WINDOW >= head) continue;
      heights.delete(height);
      for (const heard of [...byKey.values()].flat()) {
        const key = coverageKey(heard.attestation);
        const left = (perCoverage.get(key) ?? 0) - 1;
        if (left > 0) perCoverage.set(key, left);
        else perCoverage.delete(key);
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

const coverageKey = ({ verdict, seat }: Attestation) =>
  `${verdict.epoch}:${seat}:${verdict.coverageId}`;

const ruleKey = (attestation: Attestation) =>
  `${coverageKey(attestation)}:${attestation.verdict.ruleId}`;
