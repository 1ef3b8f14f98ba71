import type { Queryable } from '../database/sql.js';
import { readBacklog, type Backlog } from '../inbox/figures.js';
import type { Metrics } from './metrics.js';

const FRESH_FOR_MS = 5_000;

/** How much comes in, and what has not reached its journey yet. */
export function watchInbox(metrics: Metrics, database: Queryable, load: () => number): void {
  let read: { at: number; backlog: Promise<Backlog> } | null = null;
  // One look for all gauges of a scrape.
  const backlog = (): Promise<Backlog> => {
    if (read === null || Date.now() - read.at > FRESH_FOR_MS) read = { at: Date.now(), backlog: readBacklog(database) };
    return read.backlog;
  };
  metrics.gauge('intake_per_second', 'Webhooks acknowledged in the last second.', load);
  metrics.gauge('backlog', 'Deliveries that have not reached their journey.', async () => (await backlog()).pending);
  metrics.gauge('backlog_age_seconds', 'Age of the oldest of them; 0 when there is none.', async () => {
    const { oldestPending } = await backlog();
    return oldestPending === null ? 0 : (Date.now() - oldestPending.getTime()) / 1_000;
  });
  metrics.gauge('quarantined', 'Webhooks that are kept unread.', async () => (await backlog()).quarantined);
}
