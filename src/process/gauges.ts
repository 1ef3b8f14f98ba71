import type { Queryable } from '../database/sql.js';
import { ATTENTION_CODES, alertLimit } from '../domain/attention.js';
import { MINUTE, SECOND } from '../domain/durations.js';
import { readAttention, readOpenEmails, type AttentionFigure } from '../ledger/figures.js';
import { idsIn } from '../privacy/keys-in-use.js';
import { SEALED_TABLES } from '../privacy/sealed-tables.js';
import { freshFor } from './fresh.js';
import type { LabelledNumber, Metrics } from './metrics.js';

/*
 * What is looked at when somebody asks. All from indices, and once for all gauges and all who ask within some seconds.
 */

type Gauges = Pick<Metrics, 'gauges'>;

const ATTENTION_FRESH_FOR_MS = 30 * SECOND;

/** Who needs a human, why, and for how long. */
export function watchAttention(metrics: Gauges, database: Queryable): void {
  const look = freshFor(ATTENTION_FRESH_FOR_MS, () => readAttention(database));
  const labels = ['code', 'pressing'];
  metrics.gauges(
    {
      name: 'attention',
      help: 'Kits and orders that need a human, by why; pressing: it keeps results from their patient, or may.',
      labels,
    },
    async () => {
      const found = await look();
      const none = ATTENTION_CODES.flatMap((code) => ['no', 'yes'].map((pressing) => ({ code, pressing })));
      return none.map((one) => ({
        labels: one,
        value: found.filter(isOf(one)).reduce((sum, { subjects }) => sum + subjects, 0),
      }));
    },
  );
  metrics.gauges(
    {
      name: 'attention_age_seconds',
      help: 'For how long the first of them has waited for a human, by why; absent where none does.',
      labels,
    },
    async () => {
      const oldest = new Map<string, LabelledNumber>();
      for (const figure of await look()) {
        const one = { code: figure.code, pressing: pressing(figure) };
        const key = `${one.code} ${one.pressing}`;
        const value = ageOf(figure.since);
        if (value >= (oldest.get(key)?.value ?? 0)) oldest.set(key, { labels: one, value });
      }
      return [...oldest.values()];
    },
  );
}

/** As the team is called: within a minute, or an hour. */
const pressing = ({ code, kind }: AttentionFigure): 'yes' | 'no' =>
  alertLimit(code, kind) === 'minute' ? 'yes' : 'no';

const isOf =
  (one: { readonly code: string; readonly pressing: string }) =>
  (figure: AttentionFigure): boolean =>
    figure.code === one.code && pressing(figure) === one.pressing;

const ageOf = (since: Date): number => Math.max(0, Date.now() - since.getTime()) / 1_000;

const OPEN_FRESH_FOR_MS = 5 * SECOND;

/** Emails that are decided and wait, or are under way. */
export function watchOpenEmails(metrics: Gauges, database: Queryable): void {
  const look = freshFor(OPEN_FRESH_FOR_MS, () => readOpenEmails(database));
  const labels = ['kind', 'status', 'reason'];
  metrics.gauges(
    {
      name: 'open_emails',
      help: 'Emails that are decided and neither gone nor given up, by kind and by what they wait for.',
      labels,
    },
    async () =>
      (await look()).map(({ kind, status, reason, emails }) => ({
        labels: { kind, status, reason: reason ?? '' },
        value: emails,
      })),
  );
  metrics.gauges(
    {
      name: 'open_email_age_seconds',
      help: 'How long ago the first of them was decided, or quiet hours stopped holding it back.',
      labels,
    },
    async () =>
      (await look()).map(({ kind, status, reason, since }) => ({
        labels: { kind, status, reason: reason ?? '' },
        value: ageOf(since),
      })),
  );
}

/** What this process depends on, and whether it is away. */
export function watchAway(
  metrics: Gauges,
  parts: readonly string[],
  away: () => Promise<readonly string[]> | readonly string[],
): void {
  metrics.gauges(
    {
      name: 'away',
      help: '1 while a part that this process needs does not answer: as readiness and health say, and the log.',
      labels: ['part'],
    },
    async () => {
      const gone = await away();
      return parts.map((part) => ({ labels: { part }, value: gone.includes(part) ? 1 : 0 }));
    },
  );
}

const KEYS_FRESH_FOR_MS = 10 * MINUTE;

/** Whether a rotation of keys is finished, and whether a key is lost. */
export function watchKeys(metrics: Gauges, database: Queryable, configured: readonly string[]): void {
  const look = freshFor(KEYS_FRESH_FOR_MS, async () => {
    const found = await Promise.all(SEALED_TABLES.map((table) => idsIn(database, table)));
    return [...new Set(found.flat())];
  });
  metrics.gauges(
    {
      name: 'encryption_keys',
      help: 'Keys under which something is sealed: the newest, former ones until a rotation has ended, and lost ones.',
      labels: ['state'],
    },
    async () => {
      const used = await look();
      const states = used.map((id) => (id === configured[0] ? 'newest' : configured.includes(id) ? 'former' : 'lost'));
      return (['newest', 'former', 'lost'] as const).map((state) => ({
        labels: { state },
        value: states.filter((one) => one === state).length,
      }));
    },
  );
}
