import { encodeDeployData, encodeFunctionData, parseEventLogs } from 'viem';
import { feedAbi, flashTripperAbi, flashTripperBytecode } from '../../protocol/abi.ts';
import { errorName, flashAttempt } from '../forgery.ts';
import { expected } from '../refusal.ts';
import { quiet } from '../report.ts';
import { reserve } from '../vault.ts';
import type { Scenario } from './scenario.ts';

const ATTEMPTS = 3;
const PUSHED = 5n;

/** A rule is made true inside one transaction and false again before its end. */
export const flashTrip: Scenario = {
  name: 'flash-trip',
  help: 'a contract makes a rule true, tries registry, hub and breaker, and restores, all in one transaction; nothing trips',
  blockTime: 1,
  async run(devnet, note) {
    const { chain, market, people, traffic, coverages } = devnet;
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

    const attempt = await flashAttempt(devnet, weth, weth.price * PUSHED);
    const refusals = new Set<string>();
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
      for (const event of events) {
        if (event.eventName !== 'Refused') continue;
        refused++;
        refusals.add(`${event.args.door}: ${errorName(event.args.reason)}`);
      }
    }
    await chain.passBlocks(4);
    await traffic.stop();
    await devnet.expectNoTrip();
    note(
      `the rule was true inside ${ATTEMPTS} transactions; ${refused} tries to trip were refused`,
    );
    note([...refusals].join('; '));
    return quiet((await devnet.rungOf(coverages.market.target)) === 0);
  },
};
