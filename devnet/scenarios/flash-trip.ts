import {
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  parseEventLogs,
  zeroHash,
} from 'viem';
import {
  committeeAbi,
  feedAbi,
  flashTripperAbi,
  flashTripperBytecode,
} from '../../protocol/abi.ts';
import { claimsRoot } from '../../protocol/verdict.ts';
import { CHAIN_ID } from '../chain.ts';
import { FEED_BOUNDS, LIFE } from '../coverage.ts';
import { forgeries } from '../forgery.ts';
import { expected } from '../refusal.ts';
import { quiet } from '../report.ts';
import { reserve } from '../vault.ts';
import type { Scenario } from './scenario.ts';

const ATTEMPTS = 3;

/** A rule is made true inside one transaction and false again before its end. */
export const flashTrip: Scenario = {
  name: 'flash-trip',
  help: 'a contract makes a rule true, tries registry, hub and breaker, and restores, all in one transaction; nothing trips',
  blockTime: 1,
  async run(devnet, note) {
    const { chain, market, people, traffic, deployment, coverages, guards } = devnet;
    const weth = reserve(market, 'WETH');
    const from = people.attacker;
    const data = encodeDeployData({ abi: flashTripperAbi, bytecode: flashTripperBytecode });
    const hash = await chain.admin.request({
      method: 'eth_sendTransaction',
      params: [{ from, data }],
    });
    const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash });
    const tripper = contractAddress!;
    await chain.act({
      from: people.keeper,
      to: weth.feed,
      data: encodeFunctionData({ abi: feedAbi, functionName: 'addReporter', args: [tripper] }),
    });
    traffic.start();

    const epoch = await chain.client.readContract({
      address: deployment.committee,
      abi: committeeAbi,
      functionName: 'latestEpoch',
    });
    const [pushed, anchor] = [weth.price * 5n, weth.price];
    const ruleId = coverages.market.ruleIds[market.reserves.indexOf(weth)]!;
    const { maxRiseBps, maxFallBps } = FEED_BOUNDS;
    const attempt = {
      feed: weth.feed,
      pushed,
      anchor,
      predicate: guards.feedBound.address,
      params: encodeAbiParameters(
        [{ type: 'uint32' }, { type: 'uint32' }],
        [maxRiseBps, maxFallBps],
      ),
      registry: deployment.registry,
      hub: deployment.hub,
      target: coverages.market.target,
      verdict: {
        observedChainId: BigInt(CHAIN_ID),
        coverageId: coverages.market.coverageId,
        ruleId,
        blockHash: zeroHash,
        subject: zeroHash,
        height: 0n,
        epoch,
        rung: 2,
        life: LIFE,
        claimsRoot: claimsRoot([word(pushed), word(anchor)]),
      },
      certificates: forgeries(devnet.stakes.length),
    };
    let refused = 0;
    for (let index = 0; index < ATTEMPTS; index++) {
      const receipt = await chain.act({
        from,
        to: tripper,
        data: encodeFunctionData({
          abi: flashTripperAbi,
          functionName: 'attempt',
          args: [attempt],
        }),
        gas: 12_000_000n,
      });
      const events = parseEventLogs({ abi: flashTripperAbi, logs: receipt.logs });
      if (!events.some((event) => event.eventName === 'Fired' && event.args.fires))
        throw expected('the rule to be true inside the transaction');
      if (events.some(({ eventName }) => eventName === 'Opened'))
        throw expected('every door to stay shut');
      refused += events.filter(({ eventName }) => eventName === 'Refused').length;
    }
    await chain.passBlocks(4);
    await traffic.stop();
    await devnet.expectNoTrip();
    note(
      `the rule was true inside ${ATTEMPTS} transactions; ${refused} tries to trip were refused`,
    );
    return quiet((await devnet.rungOf(coverages.market.target)) === 0);
  },
};

const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}` as const;
