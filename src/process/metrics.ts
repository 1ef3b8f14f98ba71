import Fastify, { type FastifyInstance } from 'fastify';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Count } from '../receiver/ports.js';

export interface Metrics {
  readonly count: Count;
  /** A number that is asked for at each look. */
  gauge(name: string, help: string, read: () => Promise<number> | number): void;
  /** `GET /metrics`, not listening. `others`: Prometheus texts to add, such as the Temporal worker's. */
  app(others: readonly (() => Promise<string>)[]): FastifyInstance;
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
    app(others) {
      const app = Fastify({ logger: false });
      app.get('/metrics', async (_request, reply) => {
        const texts = [registry.metrics(), ...others.map((other) => other().catch(() => ''))];
        return reply.type(registry.contentType).send((await Promise.all(texts)).join('\n'));
      });
      return app;
    },
  };
}
