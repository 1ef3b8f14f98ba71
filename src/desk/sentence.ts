import { KINDS, type Kind } from '../domain/kinds.js';
import { isKit } from '../domain/subjects.js';
import { why } from '../domain/words.js';
import type { SubjectAnswer, ToldNotification } from '../ledger/ledger.js';

/** What each kind says, after "was told that". */
const SAYING: Readonly<Record<Kind, string>> = {
  'order.confirmed': 'the order is confirmed',
  'order.shipped': 'the kit is on its way',
  'order.cancelled': 'the order was cancelled',
  'kit.registered': 'the kit is registered',
  'kit.received_lab': 'the sample has arrived at the lab',
  'kit.processing_started': 'work on the sample has begun',
  'results.available': 'results are ready',
  'results.reviewed': 'a review was added to the results',
  'results.updated': 'there is a new version of the results',
  'kit.failed': 'the kit could not be completed',
  'kit.cancelled': 'the kit was cancelled',
  'reminder.register': 'the kit is waiting to be registered',
  'reminder.return': 'the sample is waiting to be posted',
  'notice.delay': 'it takes longer than usual',
  'staff.alert': 'somebody needs to look',
};

const GONE: readonly string[] = ['sent', 'delivered', 'bounced', 'complained', 'unknown'];

/**
 * The answer, as it can be read aloud to whoever asks: about the newest email that went out or should have.
 * @param firstName only where the reader may see it; null: "the patient".
 * @param zone in which times are told
 */
export function answerAloud(answer: SubjectAnswer, firstName: string | null, zone: string): string {
  const told = newest(answer);
  if (told === undefined)
    return answer.webhooks.length === 0
      ? 'Nothing has come in about this yet, so nobody was told anything.'
      : `Nobody was told anything yet. ${nextAloud(answer, zone)}`.trim();
  const sentence = GONE.includes(told.status) ? gone(told, firstName, zone) : kept(told, firstName);
  return `${sentence} ${nextAloud(answer, zone)}`.trim();
}

/** What came to nothing because it was no longer true, or needed. */
const POINTLESS: readonly (string | null)[] = ['superseded', 'cancelled', 'already_told'];

/**
 * What people ask for: word of results before all else; then what a kit's own patient was told, before what its order's
 * buyer was, who may have heard of other kits since; of these what was decided last, and was not pointless.
 */
function newest({ subject, notifications }: SubjectAnswer): ToldNotification | undefined {
  const patients = notifications.filter(({ kind }) => kind !== 'staff.alert');
  const counting = patients.filter(({ status, reason }) => status !== 'not_sent' || !POINTLESS.includes(reason));
  const all = counting.length === 0 ? patients : counting;
  const results = all.filter(({ kind }) => KINDS[kind].group === 'results');
  const own = isKit(subject) ? all.filter(({ kind }) => KINDS[kind].to === 'patient') : [];
  const asked = [results, own, all].find((some) => some.length > 0) ?? [];
  return [...asked].sort((a, b) => a.decidedAt.localeCompare(b.decidedAt)).at(-1);
}

const whom = ({ kind }: ToldNotification, firstName: string | null): string =>
  KINDS[kind].to === 'patient' ? (firstName ?? 'The patient') : 'The buyer';

function gone(told: ToldNotification, firstName: string | null, zone: string): string {
  const who = whom(told, firstName);
  const when = at(told.settledAt ?? told.decidedAt, zone);
  const what = SAYING[told.kind];
  switch (told.status) {
    case 'delivered':
      return `${who} was told ${when} that ${what}; the mail provider confirmed delivery.`;
    case 'bounced':
      return `${who} was not reached: the email that ${what} came back ${when} (${why(told)}).`;
    case 'complained':
      return `${who} was told that ${what}, and reported the email as spam ${when}.`;
    case 'unknown':
      return `It is not known whether ${lower(who)} was told that ${what}: ${why(told)}.`;
    default:
      return `${who} was told ${when} that ${what}; the mail server took the email.`;
  }
}

function kept(told: ToldNotification, firstName: string | null): string {
  const who = whom(told, firstName);
  const what = SAYING[told.kind];
  const because = why(told);
  if (told.status === 'sending') return `${who} is being told at this moment that ${what}.`;
  if (told.status === 'deferred') return `${who} was not told yet that ${what}: ${because}.`;
  return `${who} was not told that ${what}${because === '' ? '' : `: ${because}`}.`;
}

function nextAloud({ next, closedAt }: SubjectAnswer, zone: string): string {
  if (next === null || closedAt !== null || !(next.what in SAYING)) return '';
  return `Next, unless something comes before: ${KINDS[next.what as Kind].title.toLowerCase()}, ${at(next.at, zone)}.`;
}

/** A code of ours, as words: `kit.received_lab` is "kit received lab". */
export const spoken = (code: string): string => code.replace(/[._]/g, ' ');

/** A name keeps its capital. */
const lower = (who: string): string => (who.startsWith('The ') ? `the ${who.slice(4)}` : who);

/** "on 3 March at 14:02"; with the year where it is another one than this. */
export function at(iso: string, zone: string, now = Date.now()): string {
  const year = (ms: number): string => new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone: zone }).format(ms);
  const time = Date.parse(iso);
  const day = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    timeZone: zone,
    ...(year(time) === year(now) ? {} : { year: 'numeric' }),
  }).format(time);
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).format(time);
  return `on ${day} at ${clock}`;
}
