import type { Machine } from '../../bench/machine.js';
import { isOfResults, KINDS } from '../../src/domain/kinds.js';
import type { ToldNotification } from '../../src/ledger/ledger.js';
import type { Evidence, Rule } from './judge.js';
import { FAULTS, type FaultName } from './plan.js';
import type { Ran } from './run.js';

/** What a kind of fault came to, over all times that it befell the system; times in ms. */
export interface FaultReport {
  readonly name: FaultName;
  readonly times: number;
  /** The slowest of the webhooks that were first sent while it lasted: until it was acknowledged. Null: there was none. */
  readonly slowestAcknowledgement: number | null;
  /** From its end until a mail server next took an email, and a receiver next acknowledged a webhook: the longest of all times. */
  readonly nextEmail: number | null;
  readonly nextAcknowledgement: number | null;
}

/** What a run of faults did and came to, as it is published. */
export interface Report extends Machine {
  readonly seed: number;
  readonly seconds: number;
  readonly lives: number;
  readonly webhooks: { readonly sent: number; readonly acknowledged: number; readonly posts: number };
  readonly forgeries: number;
  readonly faults: readonly FaultReport[];
  readonly emails: {
    readonly came: number;
    /** Of these: another copy of one that had come; each is marked, but for those below. */
    readonly copies: number;
    /** Copies without a mark, and marks without a cause. */
    readonly doubled: number;
  };
  /** Notifications by status, and by reason where they have one. */
  readonly told: Readonly<Partial<Record<string, number>>>;
  readonly unknown: { readonly all: number; readonly came: number };
  /** Acknowledged webhooks that are not in their subject's story. */
  readonly lost: number;
  /** Emails about results, from the acknowledgement of the webhook that they tell of: how many came later than so. */
  readonly results: {
    readonly emails: number;
    readonly after10s: number;
    readonly after1min: number;
    readonly after15min: number;
    readonly slowest: number | null;
  };
  /** From the last fault's end until all was at rest (ms); null: it never was. */
  readonly atRest: number | null;
  readonly stops: { readonly all: number; readonly slowest: number | null };
  /** How often each rule was broken; one that isn't here held. */
  readonly broken: Readonly<Partial<Record<Rule, number>>>;
}

export function reportOf(
  { evidence, violations, settledAfter }: Ran,
  { seed, seconds, machine }: { readonly seed: number; readonly seconds: number; readonly machine: Machine },
): Report {
  const { lives, sent, forgeries, mails, faults, stops } = evidence;
  const cameAt = firstCopies(evidence);
  const rows = notificationsOf(evidence);
  const ofRule = (rule: Rule) => violations.filter((violation) => violation.rule === rule);
  const unknown = rows.filter(({ status }) => status === 'unknown');
  const results = resultsTimes(evidence, cameAt);
  const later = (ms: number): number => results.filter((took) => took > ms).length;
  return {
    ...machine,
    seed,
    seconds,
    lives: lives.length,
    webhooks: {
      sent: sent.length,
      acknowledged: sent.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length,
      posts: sum(sent.map(({ times }) => times)),
    },
    forgeries: forgeries.length,
    faults: FAULTS.filter((name) => faults.some((fault) => fault.name === name)).map((name) =>
      faultReport(name, evidence),
    ),
    emails: {
      came: mails.length,
      copies: mails.length - cameAt.size,
      doubled: ofRule('nothing doubled').length,
    },
    told: counted(rows.map(({ status, reason }) => (reason === null ? status : `${status}/${reason}`))),
    unknown: { all: unknown.length, came: unknown.filter(({ messageId }) => cameAt.has(messageId ?? '')).length },
    lost: ofRule('nothing lost').length,
    results: {
      emails: results.length,
      after10s: later(10_000),
      after1min: later(60_000),
      after15min: later(900_000),
      slowest: greatest(results),
    },
    atRest: settledAfter,
    stops: { all: stops.length, slowest: greatest(stops.map(({ took }) => took)) },
    broken: counted(violations.map(({ rule }) => rule)),
  };
}

/** Each once: a kit's story holds its order's as well. */
function notificationsOf({ stories }: Evidence): ToldNotification[] {
  const all = [...stories.values()].flatMap(({ notifications }) => notifications);
  return [...new Map(all.map((row) => [`${row.messageId ?? ''} ${row.kind}`, row])).values()];
}

/** When the first copy of each email came. */
const firstCopies = ({ mails }: Evidence): ReadonlyMap<string, number> =>
  new Map(mails.toReversed().map(({ messageId, at }) => [messageId, at]));

function faultReport(name: FaultName, { faults, sent, mails }: Evidence): FaultReport {
  const lasted = faults.filter((fault) => fault.name === name);
  const isIn = (at: number): boolean => lasted.some(({ from, to }) => from <= at && at <= to);
  const acknowledged = sent.flatMap(({ acknowledgedAt }) => acknowledgedAt ?? []);
  const came = mails.map(({ at }) => at);
  return {
    name,
    times: lasted.length,
    slowestAcknowledgement: greatest(
      sent.flatMap(({ firstAt, acknowledgedAt }) =>
        acknowledgedAt !== null && isIn(firstAt) ? [acknowledgedAt - firstAt] : [],
      ),
    ),
    nextEmail: greatest(lasted.flatMap(({ to }) => untilNext(to, came))),
    nextAcknowledgement: greatest(lasted.flatMap(({ to }) => untilNext(to, acknowledged))),
  };
}

/** Empty where none follows. */
function untilNext(moment: number, times: readonly number[]): number[] {
  const after = times.filter((at) => at >= moment);
  return after.length === 0 ? [] : [Math.min(...after) - moment];
}

/** How long each email about results took that came, from when its webhook was acknowledged (ms). */
function resultsTimes({ lives, sent, stories }: Evidence, cameAt: ReadonlyMap<string, number>): number[] {
  return lives
    .flatMap(({ expected }) => expected)
    .flatMap(({ subject }) =>
      (stories.get(subject)?.notifications ?? [])
        .filter(({ kind }) => isOfResults(kind))
        .flatMap(({ kind, messageId }) => {
          const at = cameAt.get(messageId ?? '');
          const webhook = sent.find(({ post }) => post.subject === subject && post.event === KINDS[kind].tellsOf);
          return at === undefined || webhook?.acknowledgedAt == null ? [] : [Math.max(0, at - webhook.acknowledgedAt)];
        }),
    );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const greatest = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : Math.round(Math.max(...numbers));

function counted<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
