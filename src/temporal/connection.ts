import { Client, Connection } from '@temporalio/client';
import { toClientOptions } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { temporalProfile } from '../config/temporal-profile.js';

export interface TemporalOptions {
  /** host:port */
  readonly address: string;
  /** Used where neither TEMPORAL_NAMESPACE nor the profile names one. */
  readonly namespace: string;
  /** Read for the SDK's own TEMPORAL_* (TLS, API key, profile); null for the embedded server, which needs none. */
  readonly env: Readonly<Record<string, string | undefined>> | null;
  readonly identity: string;
}

/** A way to Temporal; nothing is connected until the first call, so that a Temporal that is away stops no start. */
export interface Temporal {
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
  readonly identity: string;
  /** The worker's own connection, made at once. */
  connectWorker(): Promise<NativeConnection>;
  close(): Promise<void>;
}

/**
 * The SDK's own retries are left out: a pause before one outlives the connection, and its call on the closed channel
 * would end the process. Who calls tries again anyway. A server that is back is noticed within 2 s, not 2 minutes.
 */
const WITHOUT_RETRIES = {
  interceptors: [],
  channelArgs: { 'grpc.initial_reconnect_backoff_ms': 250, 'grpc.max_reconnect_backoff_ms': 2_000 },
};

/** @throws when the SDK's own TEMPORAL_* variables or profile can't be read. */
export function connectTemporal({ address, namespace, env, identity }: TemporalOptions): Temporal {
  const configured =
    env === null
      ? { connectionOptions: { address } }
      : toClientOptions(temporalProfile({ ...env, TEMPORAL_ADDRESS: address }));
  const { connectionOptions, namespace: named = namespace } = configured;
  const connection = Connection.lazy({ ...connectionOptions, ...WITHOUT_RETRIES });
  return {
    client: new Client({ connection, namespace: named, identity }),
    namespace: named,
    address: connectionOptions.address ?? address,
    identity,
    connectWorker: () => NativeConnection.connect(connectionOptions),
    close: () => connection.close(),
  };
}

/**
 * Calls Temporal, for at most `ms`: without a deadline a call waits for as long as Temporal is away. The client's own
 * deadline ends each request, yet the pause before it would try again may last longer; so the caller's wait has one, too.
 * @throws what the call throws, or that the time has passed: then it may have been applied all the same.
 */
export async function withinDeadline<T>(client: Client, ms: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, ms + 250, new DeadlinePassed(ms));
  });
  try {
    return await Promise.race([client.withDeadline(Date.now() + ms, call), passed]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing is known of what was asked: it may have been applied. */
class DeadlinePassed extends Error {
  constructor(ms: number) {
    super(`Temporal did not answer within ${String(ms / 1_000)} seconds`);
    this.name = 'DeadlinePassed';
  }
}
