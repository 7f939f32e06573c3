import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { refuse } from './refusal.ts';

const MEBIBYTE = 1 << 20;
const GROUP_AND_OTHERS = 0o077;

/** Reads a text file of at most 1 MiB; `field` is what the person named it by. */
export const readText = (path: string, field: string) => read(path, field, false);

/** Reads a text file that must be readable by its owner only. */
export const readSecretText = (path: string, field: string) => read(path, field, true);

/** Writes a file readable by its owner only, whole or not at all; never over an existing one. */
export async function writeSecretText(path: string, text: string, field: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = await writeTemporary(path, text, 0o600);
  try {
    await link(temporary, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw exists(path, field);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(path));
}

/** Writes a file for everybody, whole or not at all, over what was there. */
export async function replaceText(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await rename(await writeTemporary(path, text, 0o644), path);
    await syncFolder(dirname(path));
  } catch (error) {
    const problem = `cannot be written (${codeOf(error)})`;
    throw refuse(
      'FILE_UNWRITABLE',
      { field: path, problem, fix: 'check the owner and mode of its folder, and the room there' },
      error,
    );
  }
}

/** Refuses before any work is done when a file is already there. */
export async function mustNotExist(path: string, field: string): Promise<void> {
  if (await isThere(path, field)) throw exists(path, field);
}

/** Whether there is a file; one that cannot be read is refused. */
export async function isThere(path: string, field: string): Promise<boolean> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw unreadable(path, field, error);
  });
  await handle?.close();
  return handle !== null;
}

async function read(path: string, field: string, secret: boolean): Promise<string> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, field, error);
  });
  try {
    // Asked of the open handle, so that what was checked is what is read.
    const { mode, size } = await handle.stat();
    if (secret && process.platform !== 'win32' && (mode & GROUP_AND_OTHERS) !== 0)
      throw refuse('FILE_LOOSE', {
        field,
        problem: `${path} is open to other users (mode ${(mode & 0o777).toString(8)})`,
        fix: `run chmod 600 ${path}`,
      });
    if (size > MEBIBYTE)
      throw refuse('FILE_TOO_LARGE', {
        field,
        problem: `${path} has ${size} bytes, more than ${MEBIBYTE}`,
        fix: 'name the right file',
      });
    return await handle.readFile('utf8');
  } catch (error) {
    if (codeOf(error) === 'EISDIR') throw unreadable(path, field, error);
    throw error;
  } finally {
    await handle.close();
  }
}

async function writeTemporary(path: string, text: string, mode: number): Promise<string> {
  const name = `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`;
  const temporary = join(dirname(path), name);
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return temporary;
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const exists = (path: string, field: string) =>
  refuse('FILE_EXISTS', {
    field,
    problem: `${path} already exists and is never overwritten`,
    fix: 'name another place or move it away',
  });

function unreadable(path: string, field: string, cause: unknown) {
  const code = codeOf(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return refuse(
      'FILE_MISSING',
      { field, problem: `${path} is not there`, fix: 'create it or correct the path' },
      cause,
    );
  if (code === 'EISDIR')
    return refuse(
      'FILE_MISSING',
      { field, problem: `${path} is a folder`, fix: 'name a file' },
      cause,
    );
  return refuse(
    'FILE_MISSING',
    { field, problem: `${path} cannot be read (${code})`, fix: 'check its owner and mode' },
    cause,
  );
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';
