import hre from 'hardhat';
import { type Hex, hexToBigInt, numberToHex, pad } from 'viem';
import { entry, equal, gasOf, seatMany } from './gas.ts';
import { book, deployPay, DEPOSIT, fund, settle } from './pay.ts';

/** Roll calls that are claimed after the first. */
const CALLS = 8;

/**
 * Gas of booking a roll call that all seats sign, of the first claim of whoever sits last, which has to find its seat, of
 * one more, and of so many at once.
 */
export const measurePay = async (seats: number) => {
  const connection = await hre.network.create();
  const rig = await deployPay(connection, { weights: equal(seats), seat: seatMany });
  await fund(rig, DEPOSIT);
  const operator = pad(numberToHex(0x1000_0000 + seats - 1), { size: 20 });
  // Beside what seats need: where it is paid, and its key.
  const { hash: keyHash } = rig.keys[seats - 1]!;
  for (const [word, value] of [
    [1n, operator],
    [2n, keyHash],
  ] as const)
    await connection.networkHelpers.setStorageAt(
      rig.watchers.address,
      numberToHex(hexToBigInt(entry(pad(operator), 0n)) + word, { size: 32 }),
      pad(value),
    );
  const booked: Hex[] = [];
  for (let calls = 0; calls < CALLS + 2; calls++) booked.push(await book(rig));
  await settle(rig);
  const claim = async (max: number) =>
    gasOf(rig.client, await rig.payroll.write.claim([operator, rig.id, BigInt(max)]));
  // The second, since the first makes what all of them write.
  const bookCall = await gasOf(rig.client, booked[1]!);
  const first = await claim(1);
  return { seats, book: bookCall, first, next: await claim(1), eight: await claim(CALLS) };
};
