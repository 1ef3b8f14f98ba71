import Fastify, { type FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AdminCount } from '../admin/tokens.js';
import type { Queryable } from '../database/sql.js';
import { MINUTE, SECOND } from '../domain/durations.js';
import { C4HXP_EVENTS } from '../domain/events.js';
import type { IsForUs } from '../http/hosts.js';
import type { Limit } from '../inbox/capacity.js';
import { readBacklog } from '../inbox/intake.js';
import type { Retention, RetentionDue } from '../privacy/retention.js';
import type { Count } from '../receiver/ports.js';
import { REFUSAL_CODES } from '../receiver/refusals.js';
import { freshFor } from './fresh.js';
import type { PartnerCount } from './partner.js';

/** Values of labels, by their names: each from a closed set. */
export type Labels = Readonly<Record<string, string>>;

/** What is called how, and means what. */
export interface Measure {
  /** Without `kit_herald_`; with its unit, where it has one, in base units. */
  readonly name: string;
  readonly help: string;
}

export interface Metrics {
  readonly count: Count & AdminCount & PartnerCount;
  /** A number that is asked for at each look. */
  gauge(name: string, help: string, read: () => Promise<number> | number): void;
  /** The same for each of several things; one that isn't named any more is gone from the next scrape. */
  gauges(
    measure: Measure & { readonly labels: readonly string[] },
    read: () => Promise<readonly LabelledNumber[]> | readonly LabelledNumber[],
  ): void;
  /** Counts up; `series` are there from the start, at 0, because what first appears at 1 has no rate. */
  counter(measure: Measure & { readonly series: readonly Labels[] }): (labels: Labels) => void;
  /** How long something took, in seconds; `series` are there from the start. */
  histogram(
    measure: Measure & { readonly buckets: readonly number[]; readonly series: readonly Labels[] },
  ): (labels: Labels, seconds: number) => void;
  /** How full each limit of the intake is, at each look. */
  limits(read: () => readonly Limit[]): void;
  /** `GET /metrics`, not listening. `others`: Prometheus texts to add, such as the Temporal worker's. */
  app(others: readonly (() => Promise<string>)[], isForUs: IsForUs): FastifyInstance;
}

const HELP: Record<Parameters<Count | AdminCount | PartnerCount>[0], string> = {
  webhooks_acknowledged: 'Webhooks that were committed and answered with 200.',
  webhooks_refused: 'Webhooks that were refused, by reason.',
  requests_refused: 'Other requests that were refused, by reason.',
  admin_refused: 'Requests that the operators’ app refused for who sent them, by reason.',
  partner_unknown_words: 'Words in answers of C4HXP’s API that no table has, by where they stood.',
  email_reports: 'What mail providers reported of emails, by what became of the report.',
};

export interface LabelledNumber {
  readonly labels: Labels;
  readonly value: number;
}

/** What an alert looks at must be there before it is counted for the first time. */
const FROM_THE_START: Partial<Record<keyof typeof HELP, readonly Labels[]>> = {
  webhooks_acknowledged: ['accepted', 'quarantined'].flatMap((verdict) =>
    [...C4HXP_EVENTS, 'unknown'].map((event) => ({ verdict, event })),
  ),
  webhooks_refused: REFUSAL_CODES.map((code) => ({ code })),
  requests_refused: REFUSAL_CODES.map((code) => ({ code })),
};

/** Longer than the check of a database that is away takes (3 s), and well below the 10 s that a scrape may. */
const PATIENCE_MS = 5_000;

/** Our own numbers; labels are codes of closed sets, never an id. */
export function createMetrics(patienceMs = PATIENCE_MS): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'kit_herald_' });
  const counters = new Map<string, Counter>();

  /** What can't be read now, or not in time, leaves a gap in the graph, and the other numbers are served. */
  function inTime<T>(read: () => Promise<T> | T, otherwise: T): Promise<T> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(otherwise);
      }, patienceMs);
      void Promise.resolve()
        .then(read)
        .then(resolve, () => {
          resolve(otherwise);
        })
        .finally(() => {
          clearTimeout(timer);
        });
    });
  }

  function counterOf(name: keyof typeof HELP, labels: Labels): Counter {
    const known = counters.get(name);
    if (known !== undefined) return known;
    const labelNames = Object.keys(labels);
    const made = new Counter({
      name: `kit_herald_${name}_total`,
      help: HELP[name],
      labelNames,
      registers: [registry],
    });
    counters.set(name, made);
    return made;
  }
  for (const name of Object.keys(HELP) as (keyof typeof HELP)[])
    for (const labels of FROM_THE_START[name] ?? []) counterOf(name, labels).inc(labels, 0);

  return {
    count(name, labels) {
      counterOf(name, labels).inc(labels);
    },
    gauge(name, help, read) {
      new Gauge({
        name: `kit_herald_${name}`,
        help,
        registers: [registry],
        async collect() {
          this.set(await inTime(read, Number.NaN));
        },
      });
    },
    gauges({ name, help, labels }, read) {
      new Gauge({
        name: `kit_herald_${name}`,
        help,
        labelNames: [...labels],
        registers: [registry],
        async collect() {
          const numbers = await inTime(read, []);
          this.reset();
          for (const one of numbers) this.set(one.labels, one.value);
        },
      });
    },
    counter({ name, help, series }) {
      const counter = new Counter({
        name: `kit_herald_${name}_total`,
        help,
        labelNames: namesOf(series),
        registers: [registry],
      });
      for (const labels of series) counter.inc(labels, 0);
      return (labels) => {
        counter.inc(labels);
      };
    },
    histogram({ name, help, buckets, series }) {
      const histogram = new Histogram({
        name: `kit_herald_${name}_seconds`,
        help,
        labelNames: namesOf(series),
        buckets: [...buckets],
        registers: [registry],
      });
      for (const labels of series) histogram.zero(labels);
      return (labels, seconds) => {
        histogram.observe(labels, seconds);
      };
    },
    limits(read) {
      new Gauge({
        name: 'kit_herald_intake_limit_used_ratio',
        help: 'How much of each limit of the intake is used: 1 is full.',
        labelNames: ['limit'],
        registers: [registry],
        collect() {
          for (const { name, used } of read()) this.set({ limit: name }, used);
        },
      });
    },
    app(others, isForUs) {
      const app = Fastify({ logger: false });
      app.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        if (!isForUs(request))
          await reply.code(403).type('text/plain').send('This answers under its own names only.\n');
      });
      app.get('/metrics', async (_request, reply) => {
        const texts = [registry.metrics(), ...others.map((other) => inTime(other, ''))];
        return reply.type(registry.contentType).send((await Promise.all(texts)).join('\n'));
      });
      return app;
    },
  };
}

const namesOf = (series: readonly Labels[]): string[] => [...new Set(series.flatMap((one) => Object.keys(one)))];

const FRESH_FOR_MS = 5 * SECOND;

/** How much comes in, and what has not reached its journey yet. */
export function watchInbox(metrics: Metrics, database: Queryable, load: () => number): void {
  // One look for all gauges of a scrape.
  const backlog = freshFor(FRESH_FOR_MS, () => readBacklog(database));
  metrics.gauge('intake_per_second', 'Webhooks acknowledged in the last second.', load);
  metrics.gauge('backlog', 'Deliveries that have not reached their journey.', async () => (await backlog()).pending);
  metrics.gauge('backlog_age_seconds', 'Age of the oldest of them; 0 when there is none.', async () => {
    const { oldestPending } = await backlog();
    return oldestPending === null ? 0 : (Date.now() - oldestPending.getTime()) / 1_000;
  });
  metrics.gauge('quarantined', 'Webhooks that are kept unread.', async () => (await backlog()).quarantined);
}

const DUE_FRESH_FOR_MS = MINUTE;

/** What is old enough to go, what is kept although it is, and when the last run ended. */
export function watchRetention(metrics: Metrics, retention: Pick<Retention, 'due' | 'last'>): void {
  const due = freshFor(DUE_FRESH_FOR_MS, () => retention.due());
  const gauge = (name: string, help: string, of: (found: RetentionDue) => number): void => {
    metrics.gauge(`retention_${name}`, help, async () => of(await due()));
  };
  gauge('bodies_due', 'Sealed bodies that the next run of retention deletes.', ({ bodies }) => bodies);
  gauge('journeys_due', 'Ended journeys of which the next run deletes all that names somebody.', (one) => one.journeys);
  gauge('held_pending', 'Webhooks old enough to expire that have not reached their journey.', (one) => one.heldPending);
  gauge(
    'held_quarantined',
    'Webhooks old enough to expire that can not be read: the team is called, then they go a week later.',
    ({ alarmed, heldQuarantined }) => alarmed + heldQuarantined,
  );
  metrics.gauge('retention_last_run_timestamp_seconds', 'When the last run of retention ended; 0: never.', async () => {
    const last = await retention.last();
    return last === null ? 0 : Date.parse(last.at) / 1_000;
  });
}
