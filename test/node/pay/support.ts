import { Registry } from 'prom-client';
import { type Hex, stringToHex, zeroAddress, zeroHash } from 'viem';
import { type Bookkeeper, createBookkeeper } from '../../../node/pay/bookkeeper.ts';
import { createLandings, type Landings } from '../../../node/lib/landings.ts';
import { createLog } from '../../../node/lib/log.ts';
import { createMetrics } from '../../../node/lib/metrics.ts';
import type { BlockEvent, ChainState, CoveredRule } from '../../../node/lib/pipeline.ts';
import { createSender } from '../../../node/wallet/sender.ts';
import {
  bountiesAbi,
  payrollAbi,
  proverAbi,
  registryAbi,
  termsBookAbi,
  tokenAbi,
} from '../../../protocol/abi.ts';
import { aggregate, sign } from '../../../protocol/bls.ts';
import { createCertificate, evmCertificate } from '../../../protocol/certificate.ts';
import { isDue, rollCallOf, STATES } from '../../../protocol/roll-call.ts';
import type { Certificate, Rule, Verdict } from '../../../protocol/types.ts';
import { evmRule, ruleId, verdictDigest } from '../../../protocol/verdict.ts';
import { type Anvil, funded } from '../anvil.ts';
import { inMemory } from '../submit/keepers.ts';
import { blsSecret, createNetwork } from '../submit/network.ts';

type BlockSeen = Extract<BlockEvent, { kind: 'block' }>;

/** Of 1,600 in weight, 400 a seat: a quarter each of what is promised. */
export const [PREMIUM, BOUNTY, DEPOSIT] = [1_600n, 16_000n, 100_000n];
/** Blocks between roll calls. */
const CALL_PERIOD = 4n;
const NOTICE = 32;
/** Decides disputes. */
export const ARBITER = funded(9);

/** A network whose coverage, of a rule of class A and one of class B, pays its watchers. */
export async function createPayWorld(anvil: Anvil) {
  const network = await createNetwork(anvil, undefined, CALL_PERIOD);
  const { client, wallet, test } = anvil;
  const { domain, token, rule } = network;
  const { registry } = domain;
  const { coverageId } = (await network.certify()).certificate.verdict;
  const opinion: Rule = {
    ...rule,
    class: 'B',
    rung: 2,
    family: 'flow',
    code: zeroAddress,
    codeHash: zeroHash,
    gas: 0,
    reference: { kind: 'none' },
    slots: [],
  };
  const mined = async (hash: Hex) => client.waitForTransactionReceipt({ hash });
  const pays = { address: network.payroll, abi: payrollAbi } as const;
  const rewards = { address: network.bounties, abi: bountiesAbi } as const;
  const covers = { address: registry, abi: registryAbi } as const;
  const rules = [evmRule(rule), evmRule(opinion)];
  const amended = [coverageId, [ruleId(rule)], rules, stringToHex('{}')] as const;
  await mined(await wallet.writeContract({ ...covers, functionName: 'amend', args: amended }));
  const armed = [coverageId, ruleId(opinion), 0n, zeroHash] as const;
  await mined(await wallet.writeContract({ ...covers, functionName: 'arm', args: armed }));
  await mined(
    await wallet.writeContract({
      address: network.terms,
      abi: termsBookAbi,
      functionName: 'name',
      args: [coverageId, PREMIUM, 0n, BOUNTY, ARBITER.address],
    }),
  );
  const coin = { address: token, abi: tokenAbi } as const;
  const { address: owner } = wallet.account;
  await mined(
    await wallet.writeContract({ ...coin, functionName: 'mint', args: [owner, 2n * DEPOSIT] }),
  );
  for (const { address } of [pays, rewards]) {
    const args = [address, DEPOSIT] as const;
    await mined(await wallet.writeContract({ ...coin, functionName: 'approve', args }));
    const to = { address, abi: payrollAbi, functionName: 'deposit' } as const;
    await mined(await wallet.writeContract({ ...to, args: [coverageId, DEPOSIT] }));
  }
  await test.mine({ blocks: NOTICE });

  const { deployment } = network;

  const certificateOf = (verdict: Verdict, signers: readonly number[]): Certificate => {
    const digest = verdictDigest(domain, verdict);
    const signature = aggregate(signers.map((seat) => sign(blsSecret(seat), digest)));
    return createCertificate({ verdict, seatCount: 4, signers, signature });
  };

  const covered = [rule, opinion].map(
    (each) => ({ coverageId, ruleId: ruleId(each), rule: each }) as unknown as CoveredRule,
  );

  const state = (block: object, rules: readonly CoveredRule[]): ChainState =>
    ({
      block,
      epoch: 1n,
      committee: network.roster,
      struck: [],
      rules,
    }) as unknown as ChainState;

  /** Tokens out of nothing. */
  const mint = async (seat: number, amount: bigint): Promise<void> => {
    const args = [funded(seat).address, amount] as const;
    await wallet.writeContract({ ...coin, functionName: 'mint', args, gas: 100_000n });
    await test.mine({ blocks: 1 });
  };

  /** The newest block as a stage is told of it. */
  const seen = async (rules: readonly CoveredRule[] = covered) => {
    const { number: height, timestamp, hash: blockHash } = await client.getBlock();
    const told = { ...covers, eventName: 'Incident', strict: true } as const;
    const logs = await client.getContractEvents({ ...told, blockHash });
    const trips = logs.map(({ args: { verdict } }) => ({ verdict }));
    const block = { height, timestamp };
    return { kind: 'block', block, state: state(block, rules), trips } as unknown as BlockSeen;
  };

  /** Mines blocks one by one, and lets each bookkeeper look at each. */
  const mine = async (bookkeepers: readonly Bookkeeper[], blocks: number, rules = covered) => {
    for (let count = 0; count < blocks; count++) {
      await test.mine({ blocks: 1 });
      const event = await seen(rules);
      await Promise.all(bookkeepers.map((each) => each.note(event)));
    }
  };

  return {
    ...network,
    anvil,
    coverageId,
    opinion,
    deployment,
    certificateOf,
    seen,
    mine,
    /** The bookkeeper of a seat. `heard` are those whose signatures it has of a verdict. */
    start: (
      seat: number,
      {
        least = 1n,
        heard = () => null,
        landings = createLandings(client, { registry, book: network.book }),
      }: {
        least?: bigint | null;
        heard?: (digest: Hex) => Certificate | null;
        landings?: Landings;
      } = {},
    ): Promise<Bookkeeper> =>
      createBookkeeper({
        pending: inMemory(),
        client,
        sender: createSender({ client, account: funded(seat), chainId: anvil.chain.id }),
        deployment,
        landings,
        formerRuleOf: (_, id) => covered.find((each) => each.ruleId === id) ?? null,
        committeeOf: () => network.roster,
        gathered: (digest) => {
          const certificate = heard(digest);
          return certificate && { certificate };
        },
        own: new Set([network.roster.seats[seat]!.keyHash]),
        least,
        log: createLog({ level: 'silent', format: 'json' }),
        metrics: createMetrics(new Registry()),
      }),
    /** A trip that these seats have signed, waiting for its block. */
    trip: async (signers: readonly number[], by = rule): Promise<Verdict> => {
      const said = (await network.certify()).certificate.verdict;
      const verdict = { ...said, ruleId: ruleId(by), rung: by.rung };
      await wallet.writeContract({
        ...covers,
        functionName: 'submit',
        args: evmCertificate(certificateOf(verdict, signers)),
        gas: 3_000_000n,
      });
      return verdict;
    },
    /** A trip as the prover makes it, by `prover`'s proof, so many blocks later. */
    prove: async (prover: Hex, after = 0): Promise<Verdict> => {
      const { verdict } = (await network.certify()).certificate;
      await test.mine({ blocks: after });
      const { timestamp } = await client.getBlock();
      const account = network.prover;
      await test.impersonateAccount({ address: account });
      await test.setBalance({ address: account, value: 10n ** 18n });
      await wallet.writeContract({
        account,
        address: registry,
        abi: [...registryAbi, ...proverAbi],
        functionName: 'tripProven',
        args: [verdict, timestamp, prover, 0n, 0n],
        gas: 3_000_000n,
      });
      return verdict;
    },
    /** Books a roll call that these seats have signed, in the next block that is called. */
    call: async (signers: readonly number[]): Promise<void> => {
      const period = await client.readContract({ ...pays, functionName: 'PERIOD' });
      for (let tries = 0; tries < 100; tries++) {
        const { chainId } = domain;
        const { number: height, hash: at } = await client.getBlock();
        const ruleIds = [rule, opinion].map(ruleId);
        const leaves = ruleIds.map((id) => ({ ruleId: id, state: STATES.clear }));
        const block = { chainId, height, hash: at };
        const called = rollCallOf({ block, epoch: 1n, coverageId, leaves });
        await test.mine({ blocks: 1 });
        if (!isDue(coverageId, at, period)) continue;
        const [verdict, certificate] = evmCertificate(certificateOf(called, signers));
        const states = leaves.map(({ state: said }) => said);
        const args = [verdict, ruleIds, states, certificate] as const;
        const hash = await wallet.writeContract({
          ...pays,
          functionName: 'bookRollCall',
          args,
          gas: 1_000_000n,
        });
        await test.mine({ blocks: 1 });
        await mined(hash);
        return;
      }
      throw new TypeError('no block is due');
    },
    mint,
    /** Opens a dispute with a bond that is minted for it. */
    dispute: async (seat: number, entry: bigint, bond: bigint): Promise<void> => {
      const account = funded(seat);
      const gas = 500_000n;
      const approve = { ...coin, functionName: 'approve', gas } as const;
      const open = { ...rewards, functionName: 'dispute', args: [coverageId, entry], gas } as const;
      await mint(seat, bond);
      await wallet.writeContract({ ...approve, account, args: [rewards.address, bond] });
      await test.mine({ blocks: 1 });
      await wallet.writeContract({ ...open, account });
      await test.mine({ blocks: 1 });
    },
    accountOf: (of: 'payroll' | 'bounties') =>
      client.readContract({
        address: network[of],
        abi: payrollAbi,
        functionName: 'accountOf',
        args: [coverageId],
      }),
    purseOf: (seat: number) =>
      client.readContract({ ...coin, functionName: 'balanceOf', args: [funded(seat).address] }),
    sentBy: (seat: number) => client.getTransactionCount({ address: funded(seat).address }),
  };
}

/** A world under test. */
export type PayWorld = Awaited<ReturnType<typeof createPayWorld>>;
