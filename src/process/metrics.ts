import Fastify, { type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { isThisMachine } from '../config/ip-ranges.js';
import type { Queryable } from '../database/sql.js';
import { isFromHere, NOT_FROM_HERE } from '../host/local-only.js';
import { type Backlog, readBacklog } from '../inbox/figures.js';
import type { Count } from '../receiver/ports.js';

export interface Metrics {
  readonly count: Count;
  /** A number that is asked for at each look. */
  gauge(name: string, help: string, read: () => Promise<number> | number): void;
  /**
   * `GET /metrics`, not listening.
   * @param others Prometheus texts to add, such as the Temporal worker's.
   * @param host what it will listen on: on loopback it answers this machine only.
   */
  app(others: readonly (() => Promise<string>)[], host: string): FastifyInstance;
}

const HELP: Record<Parameters<Count>[0], string> = {
  webhooks_acknowledged: 'Webhooks that were committed and answered with 200.',
  webhooks_refused: 'Webhooks that were refused, by reason.',
  requests_refused: 'Other requests that were refused, by reason.',
  email_reports: 'What mail providers reported of emails, by what became of the report.',
};

/** Our own numbers; labels are codes of closed sets, never an id. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'kit_herald_' });
  const counters = new Map<string, Counter>();

  return {
    count(name, labels) {
      let counter = counters.get(name);
      if (counter === undefined) {
        const labelNames = Object.keys(labels);
        counter = new Counter({
          name: `kit_herald_${name}_total`,
          help: HELP[name],
          labelNames,
          registers: [registry],
        });
        counters.set(name, counter);
      }
      counter.inc(labels);
    },
    gauge(name, help, read) {
      new Gauge({
        name: `kit_herald_${name}`,
        help,
        registers: [registry],
        async collect() {
          // What can't be read now leaves a gap in the graph, and the other numbers are served.
          this.set(
            await Promise.resolve()
              .then(read)
              .catch(() => Number.NaN),
          );
        },
      });
    },
    app(others, host) {
      const app = Fastify({ logger: false });
      // On loopback nobody scrapes by another name; elsewhere the names are whatever the network calls us.
      if (isThisMachine(host))
        app.addHook('onRequest', (request, reply, next) => {
          if (isFromHere(request.raw)) next();
          else void reply.code(403).send(NOT_FROM_HERE);
        });
      app.get('/metrics', async (_request, reply) => {
        const texts = [registry.metrics(), ...others.map((other) => other().catch(() => ''))];
        return reply.type(registry.contentType).send((await Promise.all(texts)).join('\n'));
      });
      return app;
    },
  };
}

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
