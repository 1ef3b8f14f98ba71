import pg from 'pg';
import { COLUMN_TYPES, createSession, runOn, type Session, type Sessions } from './driver.js';

/** Enough for the group commit, the relay, the activities and a few operators in one process. */
const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement that takes longer is given up by the server, so that no caller waits for ever. */
const STATEMENT_TIMEOUT_MS = 30_000;

/** A pool on a PostgreSQL server (15 or newer). Connections are made when first needed. */
export function openPostgres(url: string): Sessions {
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    // Our times are instants; a server's local zone must not show in them.
    options: '-c timezone=UTC -c datestyle=ISO',
    types: COLUMN_TYPES,
  });
  // An idle connection that the server cut: the pool replaces it; without a listener Node would end the process.
  pool.on('error', () => undefined);
  return {
    async acquire() {
      return sessionOf(await pool.connect());
    },
    async close() {
      await pool.end();
    },
  };
}

function sessionOf(client: pg.PoolClient): Session {
  // A connection that breaks while it is held fails its query, too: that is where it is handled.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  return createSession(
    (text, params = []) => runOn(client, text, params),
    (broken = false) => {
      client.off('error', ignore);
      client.release(broken);
    },
  );
}
