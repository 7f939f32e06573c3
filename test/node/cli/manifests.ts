import { type Hex, keccak256 } from 'viem';
import type { HostileWorld } from './hostile.ts';

/** Changes of the world's manifest that give it a rule of another kind, or code of its own. */
export function createManifests(world: HostileWorld) {
  const rule = (change: object) => ({ rules: [{ ...world.manifest.rules[0], ...change }] });

  /** Puts code on the chain; what a rule says of it. */
  const place = async (code: Hex, address: Hex = `0x${keccak256(code).slice(26)}`) => {
    await world.anvil.test.setCode({ address, bytecode: code });
    return { code: address, codeHash: keccak256(code) };
  };
  const sentinel = (change: object) => ({
    rules: [
      {
        kind: 'sentinel',
        name: 'watch',
        family: 'watch',
        rung: 2,
        life: 600,
        detector: 'watch@1.0.0',
        gas: 100_000,
        samples: 3,
        ...change,
      },
    ],
  });
  const detector = (parameters: object, change: object = {}) => ({
    rules: [
      {
        kind: 'detector',
        name: 'shares',
        class: 'B',
        family: 'share-price',
        rung: 2,
        life: 600,
        detector: 'share-price@1.0.0',
        startBlock: 0,
        lookback: 1,
        parameters: { vault: world.manifest.target, ...parameters },
        ...change,
      },
    ],
  });

  return { rule, place, sentinel, detector };
}
