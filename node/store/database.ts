import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { faults } from '../../protocol/fault.ts';

const fault = faults<{
  DATA_DIR_IN_USE: { dataDir: string };
  DATA_DIR_UNREADABLE: { dataDir: string };
  DATA_DIR_VERSION: { dataDir: string; found: string; expected: string };
}>();

const VERSION = '1';

/** The one database of a data folder; parts of it are opened by name with `part`. */
export type Database = Level<string, string>;

/** Opens the database and holds its lock until `close`; a second opener is refused. */
export async function openDatabase(dataDir: string): Promise<Database> {
  const database: Database = new Level(join(dataDir, 'database'), {
    keyEncoding: 'utf8',
    valueEncoding: 'utf8',
  });
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await database.open();
  } catch (error) {
    if (isLocked(error)) throw fault('DATA_DIR_IN_USE', { dataDir }, error);
    throw fault('DATA_DIR_UNREADABLE', { dataDir }, error);
  }
  const found = await database.get('version');
  if (found === undefined) await database.put('version', VERSION, { sync: true });
  else if (found !== VERSION) {
    await database.close();
    throw fault('DATA_DIR_VERSION', { dataDir, found, expected: VERSION });
  }
  return database;
}

/** A name space of its own within the database. */
export const part = (database: Database, ...names: readonly string[]) =>
  database.sublevel<string, string>([...names], {});

/** One name space. */
export type Part = ReturnType<typeof part>;

/** One thing written to or taken out of a name space. */
export type Write =
  | Readonly<{ type: 'put'; key: string; value: string }>
  | Readonly<{ type: 'del'; key: string }>;

/** Writes all of it or nothing, and answers once it is synced to disk. */
export const commit = (database: Database, room: Part, writes: readonly Write[]): Promise<void> =>
  database.batch(
    writes.map((write) => ({ ...write, sublevel: room })),
    { sync: true },
  );

function isLocked(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ((cause as NodeJS.ErrnoException).code === 'LEVEL_LOCKED') return true;
  return false;
}
