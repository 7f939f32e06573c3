import { encodeDeployData, encodeFunctionData, parseEventLogs } from 'viem';
import { feedAbi, flashTripperAbi, flashTripperBytecode } from '../../protocol/abi.ts';
import { flashAttempt } from '../forgery.ts';
import { expected } from '../refusal.ts';
import { quiet } from '../report.ts';
import { errorName } from '../reverts.ts';
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
    const { chain, market, people, traffic, coverages, watchers } = devnet;
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

    const { attempt, refusals } = await flashAttempt(devnet, weth, weth.price * PUSHED);
    const call = encodeFunctionData({
      abi: flashTripperAbi,
      functionName: 'attempt',
      args: [attempt],
    });
    for (let index = 0; index < ATTEMPTS; index++) {
      const { logs } = await chain.act({ from, to: tripper, data: call, gas: 12_000_000n });
      const events = parseEventLogs({ abi: flashTripperAbi, logs });
      if (!events.some((event) => event.eventName === 'Fired' && event.args.fires))
        throw expected('the rule to be true inside the transaction');
      if (events.some(({ eventName }) => eventName === 'Opened'))
        throw expected('every door to stay shut');
      const answers = events.flatMap((event) =>
        event.eventName === 'Refused' ? `${event.args.door}: ${errorName(event.args.reason)}` : [],
      );
      if (answers.join() !== refusals.join())
        throw expected(`${refusals.join(', ')}; the doors say ${answers.join(', ')}`);
    }
    const last = await chain.height();
    await chain.passBlocks(4);
    await watchers.judged(last);
    await traffic.stop();
    await devnet.expectNoTrip();
    note(
      `the rule was true inside ${ATTEMPTS} transactions; ${ATTEMPTS * refusals.length} tries to trip were refused`,
    );
    note([...new Set(refusals)].join('; '));
    return quiet((await devnet.rungOf(coverages.market.target)) === 0);
  },
};
