import { destination, type Logger, pino } from 'pino';
import type { LogLine } from '../temporal/runtime.js';

/** JSON lines on stderr, so that stdout is for people. Ids and codes only: rooms never log what somebody wrote. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      // Should an error ever be logged as it is: its message may quote a row or an SMTP reply, so only its kind is kept.
      serializers: { err: errorLabel, error: errorLabel },
    },
    // Written at once: what was said before a kill -9 must be there.
    destination({ fd: 2, sync: true }),
  );
}

/** The class of an error and its code; never its message. A word passes as it is. */
export function errorLabel(error: unknown): string {
  if (typeof error === 'string') return error;
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${String(code)}` : error.name;
}

export const toLogLine =
  (logger: Logger): LogLine =>
  (level, known, sentence) => {
    logger[level](known, sentence);
  };
