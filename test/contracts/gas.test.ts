import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import hre from 'hardhat';
import { encodeFunctionData, keccak256, toHex } from 'viem';
import { keyAt, keysFrom } from './support/bls.ts';
import { deployCommittee, registerWatcher, TOKEN } from './support/committee.ts';
import { absentees, certify, pageCode, rosterCode, seatsOf } from './support/roster.ts';

const SNAPSHOT = new URL('gas-snapshot.json', import.meta.url);
const RECORDING = process.env['GAS_SNAPSHOT'] === 'write';

// Seats, absent, and the design's gas for verification without guards, which may cost 5 % more.
const VERIFY = [
  [8, 0, 149_401],
  [8, 2, 154_891],
  [16, 0, 149_395],
  [16, 1, 153_740],
  [16, 5, 158_368],
  [64, 0, 149_434],
  [64, 6, 159_666],
  [64, 21, 177_159],
  [256, 0, 149_606],
  [256, 25, 187_503],
  [256, 85, 257_451],
] as const;

describe('Gas of a transaction', () => {
  const snapshot: Record<string, number> = {};
  const measured: Record<string, number> = {};
  before(async () => {
    if (!RECORDING) Object.assign(snapshot, JSON.parse(await readFile(SNAPSHOT, 'utf8')));
  });
  after(async () => {
    if (RECORDING) await writeFile(SNAPSHOT, `${JSON.stringify(measured, null, 2)}\n`);
  });
  const holds = (what: string, gas: bigint) => {
    measured[what] = Number(gas);
    if (RECORDING) return;
    const expected = snapshot[what];
    assert.ok(expected, `no snapshot of ${what}: GAS_SNAPSHOT=write records it`);
    assert.ok(
      Math.abs(Number(gas) - expected) * 1_000 <= expected,
      `${what}: ${gas}, was ${expected}`,
    );
  };

  for (const [seats, absent, design] of VERIFY)
    it(`verifying ${seats} seats of which ${absent} are absent stays within 5 % of the design`, async () => {
      const { viem } = await hre.network.create();
      const [wallet] = await viem.getWalletClients();
      const client = await viem.getPublicClient();
      assert.ok(wallet);
      const verifier = await viem.deployContract('QuorumVerifier');
      const committee = await viem.deployContract('QuorumHarness');
      const keys = keysFrom(seats);
      const pages = Math.ceil(seats / 127);
      for (let page = 0; page < pages; page++)
        await committee.write.write([pageCode(keys.slice(page * 127, (page + 1) * 127))]);
      await committee.write.write([rosterCode(seatsOf(keys, () => 1_000))]);
      const digest = keccak256(toHex(`${seats} seats, ${absent} absent`));
      const certificate = certify(digest, keys, absentees(absent, seats));
      const call = encodeFunctionData({
        abi: verifier.abi,
        functionName: 'verify',
        args: [committee.address, pages + 1, digest, certificate],
      });
      const hash = await wallet.sendTransaction({ to: verifier.address, data: call });
      const { gasUsed, status } = await client.waitForTransactionReceipt({ hash });
      assert.equal(status, 'success');
      assert.ok(gasUsed * 100n <= BigInt(design) * 105n, `${gasUsed}, design ${design}`);
      holds(`verify ${seats} seats ${absent} absent`, gasUsed);
    });

  it('registering a watcher stays below 340,000', async () => {
    const connection = await hre.network.create();
    const deployed = await deployCommittee(connection);
    const client = await connection.viem.getPublicClient();
    await registerWatcher(connection, deployed, 1, keyAt(0), 5n * TOKEN);
    await registerWatcher(connection, deployed, 2, keyAt(1), 5n * TOKEN);
    const { transactions } = await client.getBlock({ blockTag: 'latest' });
    const [hash] = transactions;
    assert.ok(hash);
    const { gasUsed } = await client.getTransactionReceipt({ hash });
    assert.ok(gasUsed < 340_000n, `${gasUsed}`);
    holds('register', gasUsed);
  });
});
