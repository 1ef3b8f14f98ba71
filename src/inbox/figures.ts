import { sql, type Queryable } from '../database/sql.js';

/** What the health page tells; from the database, so that it survives restarts. */
export interface Figures {
  readonly lastReceivedAt: Date | null;
  /** First arrivals of the partner's webhooks since the UTC day began. */
  readonly processedToday: number;
}

const FRESH_FOR_MS = 10_000;

/** Reads the figures at most every 10 s, and once for all who ask at the same moment. */
export function createFigures(database: Queryable, clock: () => number): () => Promise<Figures> {
  let read: { readonly at: number; readonly figures: Promise<Figures> } | null = null;
  return () => {
    const now = clock();
    if (read !== null && now - read.at < FRESH_FOR_MS) return read.figures;
    const current = { at: now, figures: readFigures(database, now) };
    read = current;
    // A failure is told to those who asked, and not remembered.
    current.figures.catch(() => {
      if (read === current) read = null;
    });
    return current.figures;
  };
}

async function readFigures(database: Queryable, now: number): Promise<Figures> {
  const midnight = new Date(new Date(now).setUTCHours(0, 0, 0, 0));
  const [row] = await database.query<{ last: Date | null; today: number }>(
    sql`select (select max(received_at) from inbox where source = 'c4hxp') as last,
      (select count(*) from inbox where source = 'c4hxp' and received_at >= ${midnight}::timestamptz) as today`,
  );
  return { lastReceivedAt: row?.last ?? null, processedToday: row?.today ?? 0 };
}

/** What an alarm looks at: the backlog towards Temporal never refuses a webhook, it only alarms. */
export interface Backlog {
  /** Facts that wait for their journey. */
  readonly pending: number;
  /** When the oldest of them came in. */
  readonly oldestPending: Date | null;
  readonly quarantined: number;
}

export async function readBacklog(database: Queryable): Promise<Backlog> {
  const [row] = await database.query<Backlog>(
    sql`select (select count(*) from deliveries where relayed_at is null) as pending,
      (select i.received_at from inbox i where i.seq = (select min(seq) from deliveries where relayed_at is null)) as "oldestPending",
      (select count(*) from inbox where verdict = 'quarantined') as quarantined`,
  );
  return row ?? { pending: 0, oldestPending: null, quarantined: 0 };
}
