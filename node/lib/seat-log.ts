import type { Log } from './log.ts';

/** A log whose lines carry the own seat; it changes with the roster. */
export function withSeat(log: Log, seat: () => number | null): Log {
  const fields = (extra: object = {}) => ({ seat: seat(), ...extra });
  return {
    debug: (message, extra) => log.debug(message, fields(extra)),
    info: (message, extra) => log.info(message, fields(extra)),
    warn: (message, extra) => log.warn(message, fields(extra)),
    error: (message, extra) => log.error(message, fields(extra)),
    child: (extra) => withSeat(log.child(extra), seat),
  };
}
