import { concat, type Hex, padHex, type PublicClient } from 'viem';
import { refuse } from './refusal.ts';

// Coordinates of the BLS12-381 generators and what follows from them, 64 bytes each as EIP-2537 takes them.
const fp = (hex: string) => padHex(`0x${hex}`, { size: 64 });
const X = fp(
  '17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb',
);
const Y = fp(
  '08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1',
);
const MINUS_Y = fp(
  '114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca',
);
const G2 = concat([
  fp(
    '024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8',
  ),
  fp(
    '13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e',
  ),
  fp(
    '0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801',
  ),
  fp(
    '0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be',
  ),
]);
const TWICE_G2 = concat([
  fp(
    '1638533957d540a9d2370f17cc7ed5863bc0b995b8825e0ee1ea1e1e4d00dbae81f14b0bf3611b78c952aacab827a053',
  ),
  fp(
    '0a4edef9c1ed7f729f520e47730a124fd70662a904ba1074728114d1031e1572c6c886f6b57ec72a6178288c47c33577',
  ),
  fp(
    '0468fb440d82b0630aeb8dca2b5256789a66da69bf91009cbfe6bd221e47aa8ae88dece9764bf3bd999d95d71e4c9899',
  ),
  fp(
    '0f6d4552fa65dd2638b361543f887136a43253d9c66c411697003f7a13c308f5422e1aa0a59c8967acdefd8b6e36ccf3',
  ),
]);
const G1 = concat([X, Y]);
const MINUS_G1 = concat([X, MINUS_Y]);
const TWICE_G1 = concat([
  fp(
    '0572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e',
  ),
  fp(
    '166a9d8cabc673a322fda673779d8e3822ba3ecb8670e461f73bb9021d5fd76a4c56d9d4cd16bd1bba86881979749d28',
  ),
]);
const MAP_OF_ONE = concat([
  fp(
    '1073311196f8ef19477219ccee3a48035ff432295aa9419eed45d186027d88b90832e14c4f0e2aa4d15f54d1c3ed0f93',
  ),
  fp(
    '034d6e3755a2073039d609db4cf3aef548283b5cc92f1021cbdb276414bcd8072b112d80a2b0a7dbf22bdaf17e006d45',
  ),
]);
const word = (n: bigint) => padHex(`0x${n.toString(16)}`, { size: 32 });

/** What each precompile that verification uses must answer. A missing one answers nothing and does not fail. */
export const KNOWN_ANSWERS: readonly Readonly<{
  name: string;
  address: Hex;
  input: Hex;
  output: Hex;
}>[] = [
  { name: 'G1ADD', address: at('0b'), input: concat([G1, G1]), output: TWICE_G1 },
  { name: 'G1MSM', address: at('0c'), input: concat([G1, word(2n)]), output: TWICE_G1 },
  { name: 'G2ADD', address: at('0d'), input: concat([G2, G2]), output: TWICE_G2 },
  { name: 'PAIRING', address: at('0f'), input: concat([G1, G2, MINUS_G1, G2]), output: word(1n) },
  { name: 'MAP_FP_TO_G1', address: at('10'), input: fp('1'), output: MAP_OF_ONE },
];

/** Refuses a chain whose EVM does not compute BLS12-381 as EIP-2537 says. */
export async function checkPrecompiles(client: PublicClient, field: string): Promise<void> {
  const answers = await Promise.all(
    KNOWN_ANSWERS.map(({ address, input }) =>
      client.call({ to: address, data: input }).catch(() => ({ data: undefined })),
    ),
  );
  const wrong = KNOWN_ANSWERS.find(({ output }, index) => answers[index]?.data !== output);
  if (wrong === undefined) return;
  throw refuse('PRECOMPILES_MISSING', {
    field,
    problem: `the chain has no BLS12-381 precompiles (EIP-2537): ${wrong.name} at ${wrong.address} gives a wrong answer`,
    fix: 'use a chain at Prague or later (anvil --hardfork osaka)',
  });
}

function at(byte: string): Hex {
  return `0x${byte.padStart(40, '0')}`;
}
