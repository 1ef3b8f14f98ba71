import { DATABASE_FAULTS, type Database } from '../../src/database/database.js';
import { hostRule } from '../../src/http/hosts.js';
import { createIntake } from '../../src/inbox/intake.js';
import { readOrigin } from '../../src/ledger/figures.js';
import { createRetention } from '../../src/privacy/retention.js';
import { watchAttention, watchAway, watchKeys, watchOpenEmails } from '../../src/process/gauges.js';
import { measureArrivals, measureEmails, measureQuestions, measureRelay } from '../../src/process/measures.js';
import { createMetrics, type Metrics, watchInbox, watchRetention } from '../../src/process/metrics.js';
import { PROBED } from '../../src/process/worker.js';
import { createBodies } from '../../src/receiver/bodies.js';
import { testSealing } from '../inbox/support.js';
import { newLedger } from '../ledger/support.js';

/** What a process that does everything is asked for, on a database in which something waits and somebody needs a human. */
export async function everyMetric(database: Database): Promise<Metrics> {
  await database.query(`insert into subjects (subject, attention)
    values ('kit:1', '[{"code": "bounced", "kind": "results.available", "since": 1}]')`);
  await database.query(`insert into notifications (subject, kind, occurrence, status, reason, cause, rule, decided_at)
    values ('kit:1', 'results.available', 1, 'deferred', 'server_refused', 'wh_1', 'r', now())`);
  const metrics = createMetrics();
  const sealing = testSealing();
  const intake = createIntake({
    database,
    sealing,
    disk: { isLow: () => false, used: () => 0, stop: () => undefined },
  });
  watchInbox(metrics, database, () => intake.load());
  metrics.limits(() => [...intake.limits(), ...createBodies().limits()]);
  watchRetention(metrics, createRetention({ database, bodies: 1, ledger: 1 }));
  watchAttention(metrics, database);
  watchOpenEmails(metrics, database);
  watchKeys(metrics, database, sealing.keyIds.encryption);
  watchAway(metrics, [...DATABASE_FAULTS, ...PROBED], () => []);
  measureArrivals(intake, metrics);
  measureEmails(newLedger(database, sealing), metrics, (decision) => readOrigin(database, decision));
  measureQuestions({ ask: () => Promise.reject(new Error('nobody')), close: () => Promise.resolve() }, metrics);
  measureRelay(metrics);
  metrics.count('admin_refused', { code: 'no_token' });
  metrics.count('email_reports', { outcome: 'kept', provider: 'ses' });
  return metrics;
}

/** One line of a scrape. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

export interface Scrape {
  readonly text: string;
  readonly series: readonly Series[];
}

/** As Prometheus would get it. */
export async function scrape(metrics: Metrics): Promise<Scrape> {
  const app = metrics.app([], hostRule('localhost'));
  const { body } = await app.inject({ url: '/metrics', headers: { host: 'localhost:9464' } });
  await app.close();
  return { text: body, series: body.split('\n').flatMap(seriesOf) };
}

function seriesOf(line: string): Series[] {
  const [, name, labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  return name === undefined ? [] : [{ name, labels: matchersOf(labels), value }];
}

const matchersOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]));
