import { readSecretText } from '../lib/files.ts';
import { refuse } from '../lib/refusal.ts';

/** The password in a file, without its final line break; the file must be its owner's only. */
export async function readPassword(path: string, field: string): Promise<string> {
  const password = (await readSecretText(path, field)).replace(/\r?\n$/, '');
  if (password === '')
    throw refuse('PASSWORD_WRONG', {
      field,
      problem: `${path} is empty`,
      fix: 'write a password into it',
    });
  return password;
}

/** EIP-2335: NFKD, then the C0, C1 and Delete control codes stripped, then UTF-8. */
export const normalisePassword = (password: string): Uint8Array =>
  Buffer.from(
    Array.from(password.normalize('NFKD'))
      .filter((character) => !isControl(character.codePointAt(0) ?? 0))
      .join(''),
    'utf8',
  );

const isControl = (code: number) => code <= 0x1f || (code >= 0x7f && code <= 0x9f);
