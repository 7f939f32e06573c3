/** Prints one JSON object, or the lines a person reads, on stdout. */
export function print(json: boolean | undefined, value: object, lines: readonly string[]): void {
  const text =
    json === true
      ? JSON.stringify(value, (_, field: unknown) =>
          typeof field === 'bigint' ? field.toString() : field,
        )
      : lines.join('\n');
  process.stdout.write(`${text}\n`);
}

/** Tells how far a longer command is, on stderr. */
export function say(json: boolean | undefined, line: string): void {
  if (json !== true) process.stderr.write(`${line}\n`);
}

/** `name   value` lines with the values in one column. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, value]) => `${name.padEnd(width)}${value}`);
}

/** Rows of equal length, the first their heads, in columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
