import { type Hex, keccak256, stringToHex } from 'viem';
import { courtAbi, tokenAbi } from '../../../protocol/abi.ts';
import { sign } from '../../../protocol/bls.ts';
import type { Attestation } from '../../../protocol/types.ts';
import { verdictDigest } from '../../../protocol/verdict.ts';
import type { Equivocation } from '../../../node/lib/pipeline.ts';
import type { Evidence } from '../../../node/store/evidence.ts';
import { funded, startAnvil } from '../anvil.ts';
import { blsSecret, createNetwork } from '../submit/network.ts';
import { createTribunal } from './tribunal.ts';

/** A court, and challengers of its seats, on a chain that mines when it is told. */
export type Courtroom = Awaited<ReturnType<typeof openCourtroom>>;

export async function openCourtroom() {
  const anvil = await startAnvil();
  const network = await createNetwork(anvil);
  await anvil.test.setAutomine(false);
  let snapshot = await anvil.test.snapshot();

  /** As it was opened. */
  const reset = async (): Promise<void> => {
    await anvil.test.revert({ id: snapshot });
    snapshot = await anvil.test.snapshot();
  };

  /** Two attestations of one seat under one key. */
  const contradiction = async (seat: number): Promise<Equivocation> => {
    const { verdict } = (await network.certify()).certificate;
    const say = (claims: string): Attestation => {
      const said = { ...verdict, claimsRoot: keccak256(stringToHex(claims)) };
      const signature = sign(blsSecret(seat), verdictDigest(network.domain, said));
      return { verdict: said, seat, signature };
    };
    return { epoch: 1n, seat, first: say('one'), second: say('other') };
  };

  const holding = (...found: readonly Equivocation[]): Evidence => ({
    put: () => Promise.resolve('known'),
    all: () => Promise.resolve(found),
    size: () => found.length,
  });

  const balanceOf = (account: Hex) =>
    anvil.client.readContract({
      address: network.token,
      abi: tokenAbi,
      functionName: 'balanceOf',
      args: [account],
    });
  const slashCount = () =>
    anvil.client.readContract({
      address: network.court,
      abi: courtAbi,
      functionName: 'slashCount',
    });
  const sentBy = (seat: number) =>
    anvil.client.getTransactionCount({ address: funded(seat).address });

  return {
    ...createTribunal(anvil, network),
    anvil,
    network,
    reset,
    stop: anvil.stop,
    contradiction,
    holding,
    balanceOf,
    slashCount,
    sentBy,
  };
}
