import type { Domain } from '../../protocol/types.ts';

/** Gossip topics of one registry. */
export type Topics = Readonly<{ attestation: string; certificate: string }>;

/** Peers of another chain or registry share no topic. */
export function topicsOf({ chainId, registry }: Domain): Topics {
  const root = `/tocsin/1/${chainId}/${registry.toLowerCase()}`;
  return { attestation: `${root}/attestation`, certificate: `${root}/certificate` };
}

export const HANDSHAKE = '/tocsin/handshake/1';
export const CATCH_UP = '/tocsin/catchup/1';
