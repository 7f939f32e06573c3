import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { type Hex, hexToBytes, keccak256 } from 'viem';
import { impurityOf, MAX_CODE, type Scanned } from '../../protocol/code-scan.ts';
import { refuse } from '../lib/refusal.ts';
import type { Head } from './cover-standing.ts';
import type { Network } from './options.ts';

/** What a predicate or sentinel may rest on, as a fix. */
const ALLOWED: Readonly<Record<Scanned, string>> = {
  predicate: 'compute on its input alone, and compile it without metadata',
  sentinel: 'read the chain by view calls, storage, block number and time alone',
};

/** The refusal of one field of one rule. */
export const refuseRule = (
  rule: string,
  field: string,
  problem: string,
  fix: string,
  cause?: unknown,
) => refuse('MANIFEST_INVALID', { field: `rule ${rule}: ${field}`, problem, fix }, cause);

/** The code of an address, which must hash to what the rule pins and hold no refused instruction. */
export async function deployedCode(
  { client }: Network,
  head: Head,
  purpose: Scanned,
  { name, code, codeHash }: Readonly<{ name: string; code: Hex; codeHash: Hex }>,
): Promise<Hex> {
  const found = await client.getCode({ address: code, blockNumber: head.number });
  if (found === undefined)
    throw refuseRule(
      name,
      'code',
      `${code} has no code on this chain`,
      `deploy the ${purpose} or name its address`,
    );
  const hash = keccak256(found);
  if (hash !== codeHash)
    throw refuseRule(
      name,
      'codeHash',
      `the code at ${code} hashes to ${hash}, not ${codeHash}`,
      'write that hash if it is the code you mean',
    );
  await checkCode(purpose, name, 'code', found);
  return found;
}

/** Refuses code that is too long or could look at what its purpose does not allow. */
export async function checkCode(
  purpose: Scanned,
  rule: string,
  field: string,
  code: Hex,
): Promise<void> {
  const bytes = hexToBytes(code);
  const most = field === 'bytecode' ? MAX_CODE.predicate : MAX_CODE[purpose];
  if (bytes.length === 0 || bytes.length > most)
    throw refuseRule(
      rule,
      field,
      `has ${bytes.length} bytes, and may have 1 to ${most}`,
      bytes.length === 0 ? 'write its runtime bytecode' : 'make it smaller',
    );
  const impurity = impurityOf(purpose, bytes);
  if (impurity === null) return;
  const { offset, opcode } = impurity;
  throw refuseRule(
    rule,
    field,
    `has ${await nameOf(opcode)} at byte ${offset}, which a ${purpose} may not use`,
    ALLOWED[purpose],
  );
}

async function nameOf(opcode: number): Promise<string> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Osaka });
  const known = (await createEVM({ common })).getActiveOpcodes().get(opcode);
  const number = `0x${opcode.toString(16).padStart(2, '0')}`;
  return known === undefined ? `the unknown opcode ${number}` : `${known.fullName} (${number})`;
}
