import { pino } from 'pino';

/** Constant message plus fields; the fields carry what varies. */
export type Log = Readonly<{
  debug: (message: string, fields?: object) => void;
  info: (message: string, fields?: object) => void;
  warn: (message: string, fields?: object) => void;
  error: (message: string, fields?: object) => void;
  /** The same log with fields added to each line. */
  child: (fields: object) => Log;
}>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'json' | 'text';

type Sink = { write: (line: string) => void };

/** A log of JSON lines, or of text a person reads, on stderr. */
export function createLog(
  { level, format }: { level: LogLevel; format: LogFormat },
  sink: Sink = process.stderr,
): Log {
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === 'json' ? sink : { write: (line: string) => sink.write(asText(line)) },
  );
  return wrap(root);
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(plain(fields), message),
    info: (message, fields = {}) => logger.info(plain(fields), message),
    warn: (message, fields = {}) => logger.warn(plain(fields), message),
    error: (message, fields = {}) => logger.error(plain(fields), message),
    child: (fields) => wrap(logger.child(plain(fields))),
  };
}

/** Numbers above 2^53 do not survive JSON, so every bigint is written as text. */
const plain = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? value.toString() : (value as unknown),
    ]),
  );

function asText(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
  return `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${String(msg)}${rest}\n`;
}
