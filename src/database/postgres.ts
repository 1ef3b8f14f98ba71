import pg from 'pg';
import { COLUMN_TYPES, createSession, runOn, type Acquire, type Session, type Sessions } from './driver.js';
import { endsSession, sqlStateOf } from './sql-error.js';

/** Enough for the group commit, the relay, the activities and a few operators in one process. */
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement that takes longer is given up by the server: before the intake's deadline of 10 s. */
const STATEMENT_TIMEOUT_MS = 8_000;
/** A server that says nothing for so long is given up with its session: it hangs, or its address has moved. */
const SILENCE_MS = 9_000;
/** For whom a dead host would otherwise be there for hours. */
const KEEP_ALIVE_AFTER_MS = 5_000;

/**
 * A pool on a PostgreSQL server (15 or newer), or on a pooler before one. Connections are made when first needed.
 *
 * A session whose answer says that it is of no more use (a failover, a lost connection, silence) is thrown away, and with
 * it all that are as old or older: they lead to the same server. So a failover heals with the next statement.
 */
export function openPostgres(url: string): Sessions {
  let pool = createPool(url, SESSION_SETTINGS);
  /** All sessions of a former age are stale. */
  let age = 0;
  const bornAt = new WeakMap<pg.PoolClient, number>();
  const isStale = (client: pg.PoolClient): boolean => (bornAt.get(client) ?? age) < age;

  async function connect(): Promise<pg.PoolClient> {
    const from = pool;
    try {
      return await from.connect();
    } catch (error) {
      if (!isUnknownSetting(error) || from.options.statement_timeout === undefined) throw error;
      // A pooler passes no settings on. Nobody has had a session of the refused pool.
      if (pool === from) {
        pool = createPool(url, {});
        await from.end();
      }
      return await connect();
    }
  }

  async function acquire({ patient = false }: Acquire = {}): Promise<Session> {
    let client = await connect();
    while (isStale(client)) {
      client.release(true);
      client = await connect();
    }
    if (!bornAt.has(client)) bornAt.set(client, age);
    return sessionOf(client, patient);
  }

  function sessionOf(client: pg.PoolClient, patient: boolean): Session {
    let isLost = false;
    const timeout = patient ? {} : { timeout: SILENCE_MS };
    return createSession(
      async (text, params = []) => {
        try {
          return await runOn(client, text, params, timeout);
        } catch (error) {
          isLost ||= endsSession(error);
          throw error;
        }
      },
      (broken = false) => {
        const ended = isLost || broken;
        if (ended && bornAt.get(client) === age) age += 1;
        client.release(ended || isStale(client));
      },
    );
  }

  return { acquire, close: () => pool.end() };
}

/**
 * A client that never lacks a listener for errors. The pool takes its own away when it hands a client out, and what comes
 * in the same packet as the server's readiness (its farewell, say) is told before anybody can add another: Node would end
 * the process. Whoever uses the client learns of it all the same, since the next statement fails.
 */
class ListeningClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** What a server is told of each session. Our times are instants; a server's local zone must not show in them. */
const SESSION_SETTINGS: pg.PoolConfig = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  options: '-c timezone=UTC -c datestyle=ISO',
};

function createPool(url: string, settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    types: COLUMN_TYPES,
    Client: ListeningClient,
    ...settings,
  });
  // An idle connection that the server cut: the pool replaces it.
  pool.on('error', () => undefined);
  return pool;
}

/** pgbouncer's answer to a setting that it can't keep apart for each of its clients. */
const isUnknownSetting = (error: unknown): boolean =>
  sqlStateOf(error) === '08P01' && error instanceof Error && error.message.includes('startup parameter');
