import { sql, type Queryable } from '../database/sql.js';
import { C4HXP_EVENTS } from '../domain/events.js';
import { type CountedWord, listUnknownWords } from '../ledger/unknown-words.js';

/** What the partner's webhooks of one event were like. Counts are of webhooks, times are in seconds. */
export interface ScorecardEvent {
  /** `unknown`: the event couldn't be read. */
  readonly event: string;
  readonly webhooks: number;
  /** How many of them came more than once, and how often in all: retries and duplicates can't be told apart. */
  readonly repeated: number;
  readonly repetitions: number;
  /** Came again under their id with other bytes. */
  readonly altered: number;
  /** Came under an id that another webhook had. */
  readonly idReused: number;
  /** Came after one that tells of a later moment of the same kit or order. */
  readonly outOfOrder: number;
  /** From the event's own time to its arrival, of those that tell a time of their own; null where none does. */
  readonly delay: { readonly p50: number; readonly p95: number; readonly worst: number } | null;
  /** Learned by asking the partner's API, and no webhook has come to this day. */
  readonly lost: number;
  /** … and the webhook came later than the answer. */
  readonly overtakenByAsking: number;
}

export interface Scorecard {
  /** ISO 8601 in UTC. Later than asked for where more came than is looked at at once. */
  readonly since: string;
  readonly until: string;
  readonly webhooks: number;
  readonly events: readonly ScorecardEvent[];
  /** What was signed and couldn't be read, or not wholly, by our code and the known paths at fault; the most first. */
  readonly contractBreaks: readonly {
    readonly reason: string;
    readonly quarantined: number;
    readonly readInPart: number;
  }[];
  /** Answers of the partner's API, and how many of them used words for a status that are in no table. */
  readonly answers: number;
  readonly answersWithUnknownWords: number;
  /** These words, where they stood, and in how many answers ever. */
  readonly unknownWords: readonly CountedWord[];
}

/** So many webhooks and so many answers, the newest first, are looked at: the sheet has an end. */
const MOST_LOOKED_AT = 200_000;
const MOST_REASONS = 50;

const iso = (time: Date): string => time.toISOString();

/**
 * The partner's record since `since`: how its webhooks came, from what is kept of them. Nothing about anybody is in it.
 * One that came before `since` counts with its repetitions then.
 */
export async function scorecard(
  database: Queryable,
  { since, now, most = MOST_LOOKED_AT }: { readonly since: Date; readonly now: Date; readonly most?: number },
): Promise<Scorecard> {
  const [first] = await database.query<{ at: Date }>(
    sql`select received_at as at from inbox where source = 'c4hxp' and received_at >= ${since}
      order by received_at desc offset ${most} limit 1`,
  );
  const from = first?.at ?? since;
  const events = await eventsSince(database, from);
  const learned = await learnedByAsking(database, from, most);
  const names = [...new Set([...events.map(({ event }) => event), ...learned.map(({ event }) => event)])];
  return {
    since: iso(from),
    until: iso(now),
    webhooks: events.reduce((sum, { webhooks }) => sum + webhooks, 0),
    events: names.toSorted(inOrderOfEvents).map((event) => ({
      ...(events.find((one) => one.event === event) ?? none(event)),
      ...(learned.find((one) => one.event === event) ?? { lost: 0, overtakenByAsking: 0 }),
    })),
    contractBreaks: await contractBreaks(database, from),
    ...(await answers(database, from, most)),
    unknownWords: await listUnknownWords(database, from),
  };
}

const place = (event: string): number => {
  const at = (C4HXP_EVENTS as readonly string[]).indexOf(event);
  return at < 0 ? C4HXP_EVENTS.length : at;
};
const inOrderOfEvents = (one: string, other: string): number => place(one) - place(other);

const none = (event: string) => ({
  event,
  webhooks: 0,
  repeated: 0,
  repetitions: 0,
  altered: 0,
  idReused: 0,
  outOfOrder: 0,
  delay: null,
});

type Came = Omit<ScorecardEvent, 'lost' | 'overtakenByAsking'>;

async function eventsSince(database: Queryable, from: Date): Promise<Came[]> {
  const rows = await database.query<Omit<Came, 'delay'> & { p50: number | null; p95: number; worst: number }>(
    sql`with came as materialized (
        select seq, coalesce(event, 'unknown') as event, event_at, received_at, duplicates, altered, id_reused,
          case when event_at <> received_at then greatest(0, extract(epoch from received_at - event_at)) end as delay
        from inbox where source = 'c4hxp' and received_at >= ${from}),
      late as (
        select distinct seq from (
          select c.seq, c.event_at,
            max(c.event_at) over (partition by d.subject order by c.seq rows between unbounded preceding and 1 preceding) as latest
          from came c join deliveries d using (seq) where c.event_at is not null) as inOrder
        where event_at < latest)
      select c.event, count(*) as webhooks, count(*) filter (where c.duplicates > 0) as repeated,
        sum(c.duplicates) as repetitions, count(*) filter (where c.altered) as altered,
        count(*) filter (where c.id_reused) as "idReused", count(l.seq) as "outOfOrder",
        percentile_cont(0.5) within group (order by c.delay) as p50,
        percentile_cont(0.95) within group (order by c.delay) as p95, max(c.delay)::float8 as worst
      from came c left join late l using (seq) group by 1`,
  );
  return rows.map(({ p50, p95, worst, ...row }) => ({ ...row, delay: p50 === null ? null : { p50, p95, worst } }));
}

/** What of the partner's is looked at: the newest answers since then. */
const answersSince = (from: Date, most: number) => sql`(
  select seq, received_at from (
    select seq, received_at from inbox where source = 'partner' order by seq desc limit ${most}) as newest
  where received_at >= ${from}) as a`;

async function learnedByAsking(
  database: Queryable,
  from: Date,
  most: number,
): Promise<Pick<ScorecardEvent, 'event' | 'lost' | 'overtakenByAsking'>[]> {
  return await database.query(
    sql`with learned as (
        select d.subject, l->>'event' as event, min(a.seq) as seq
        from ${answersSince(from, most)} join deliveries d using (seq)
        cross join lateral jsonb_array_elements(coalesce(d.facts->'learned', '[]')) as l
        where l->>'event' = any(${C4HXP_EVENTS}::text[])
          -- What an order's answer says of the order is no event of its kits.
          and (d.subject like 'order:%') = (l->>'event' like 'order.%')
        group by 1, 2),
      known as (
        select n.event, n.seq, (
          select min(i.seq) from deliveries d join inbox i using (seq)
          where d.subject = n.subject and i.source = 'c4hxp' and i.verdict = 'accepted' and i.event = n.event) as webhook
        from learned n)
      select event, count(*) filter (where webhook is null) as lost,
        count(*) filter (where webhook > seq) as "overtakenByAsking"
      from known group by 1`,
  );
}

async function contractBreaks(database: Queryable, from: Date): Promise<Scorecard['contractBreaks']> {
  return await database.query(
    sql`select reason, count(*) filter (where verdict = 'quarantined') as quarantined,
        count(*) filter (where verdict <> 'quarantined') as "readInPart"
      from inbox where source = 'c4hxp' and received_at >= ${from} and reason is not null
      group by 1 order by count(*) desc, 1 limit ${MOST_REASONS}`,
  );
}

async function answers(
  database: Queryable,
  from: Date,
  most: number,
): Promise<Pick<Scorecard, 'answers' | 'answersWithUnknownWords'>> {
  const [row] = await database.query<Pick<Scorecard, 'answers' | 'answersWithUnknownWords'>>(
    sql`select count(distinct seq) as answers,
        count(distinct seq) filter (where d.facts->>'unknownStatus' = 'true') as "answersWithUnknownWords"
      from ${answersSince(from, most)} join deliveries d using (seq)`,
  );
  return row ?? { answers: 0, answersWithUnknownWords: 0 };
}
