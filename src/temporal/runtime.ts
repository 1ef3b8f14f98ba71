import type { Logger, LogLevel, LogMetadata } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';

/** What the SDK's log goes to; pino's shape: what is known first, the sentence second. */
export type LogLine = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error', known: object, sentence: string) => void;

export interface RuntimeOptions {
  readonly log: LogLine;
  /** host:port that the SDK's own metrics are served on, as Prometheus text; null for none. */
  readonly metricsAddress: string | null;
}

/**
 * Sets up the SDK's native part: its log goes to ours, its metrics to a port, and signals are left to us.
 * Once in a process, and before the first worker; later calls change nothing.
 */
export function installRuntime({ log, metricsAddress }: RuntimeOptions): void {
  if (Runtime._instance !== undefined) return;
  Runtime.install({
    logger: createSdkLogger(log),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAddress === null ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
}

/** What may be said about a workflow or an activity: ids and codes. All else (errors, arguments, details) is left out. */
const HARMLESS = [
  'workflowId',
  'runId',
  'workflowType',
  'activityId',
  'activityType',
  'attempt',
  'taskQueue',
  'namespace',
  'sdkComponent',
  'isLocal',
] as const;

/** Said at every start and stop of workers that are meant to be as they are. */
const NOISE = /^(?:Worker state changed|No .+ registered, not polling)/;

/** The SDK's logger with an allow-list: its warning "Activity failed" would write the error in full. */
export function createSdkLogger(log: LogLine): Logger {
  const at =
    (level: Parameters<LogLine>[0]) =>
    (message: string, meta: LogMetadata = {}): void => {
      const known: Record<string, unknown> = {};
      for (const name of HARMLESS) if (meta[name] !== undefined) known[name] = meta[name];
      const { error } = meta as { error?: unknown };
      if (error instanceof Error) known['error'] = (error as { type?: unknown }).type ?? error.name;
      log(NOISE.test(message) ? 'debug' : level, known, message);
    };
  const lines = { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return {
    ...lines,
    log: (level: LogLevel, message: string, meta?: LogMetadata) => {
      lines[level.toLowerCase() as keyof typeof lines](message, meta);
    },
  };
}
