/** The node's logger: structured lines on stderr, one namespace for each file that logs. */
import { type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** A logger that writes JSON lines to stderr (stdout is for what the person asked for). */
export function createLog(level: LogLevel): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** A child logger whose `ns` is the path of the file that logs, such as `node/mirror/mirror`. */
export function scoped(log: Log, ns: string): Log {
  return log.child({ ns });
}
