import { isOfResults, KINDS, type Kind } from '../../src/domain/kinds.js';
import type { Status } from '../../src/domain/notifications.js';
import { isKit, nameOf, STAFF, type Subject } from '../../src/domain/subjects.js';
import type { SubjectAnswer, ToldNotification } from '../../src/ledger/ledger.js';
import type { Stopped } from './herd.js';
import type { Expected, Life } from './lives.js';
import type { FaultName } from './plan.js';
import type { Forgery, Sent } from './sender.js';

/** An email that the mail server had accepted, whether or not it could say so. */
export interface Mail {
  readonly messageId: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** ms since the epoch */
  readonly at: number;
}

/** A fault that befell the system, from its beginning until what it hit was itself again; ms since the epoch. */
export interface Befallen {
  readonly name: FaultName;
  readonly from: number;
  readonly to: number;
}

/** All that can be seen from outside. */
export interface Evidence {
  readonly lives: readonly Life[];
  readonly sent: readonly Sent[];
  readonly forgeries: readonly Forgery[];
  /** In the order in which they came. */
  readonly mails: readonly Mail[];
  /** What `told` answers, by subject; absent: it knows nothing. */
  readonly stories: ReadonlyMap<string, SubjectAnswer>;
  readonly alertAddress: string;
  readonly faults: readonly Befallen[];
  /** How processes ended that were told to. */
  readonly stops: readonly Stopped[];
}

export type Rule =
  | 'nothing lost'
  | 'nothing doubled'
  | 'nothing told wrongly'
  | 'no attention without cause'
  | 'all settled'
  | 'stops in order';

export interface Violation {
  readonly rule: Rule;
  readonly about: string;
  readonly sentence: string;
}

const TOLD: readonly Status[] = ['sent', 'delivered', 'unknown'];
const isTold = ({ status }: ToldNotification): boolean => TOLD.includes(status);
/** An email of which an earlier copy may have gone, and that says so. */
const isMarked = ({ possiblyDuplicate, status }: ToldNotification): boolean =>
  possiblyDuplicate || status === 'unknown';
const label = ({ kind, occurrence }: ToldNotification): string => `${kind} ${String(occurrence)}`;

/** The rows that are a subject's own: a kit's story holds its order's, too. */
const ownRows = (subject: string, story: SubjectAnswer | undefined): readonly ToldNotification[] =>
  (story?.notifications ?? []).filter(({ kind }) =>
    subject === STAFF ? kind === 'staff.alert' : KINDS[kind].to === (isKit(subject) ? 'patient' : 'recipient'),
  );

/** What is not at rest yet, each in a sentence; it may still come to rest. */
export function unsettled({ lives, sent, stories }: Pick<Evidence, 'lives' | 'sent' | 'stories'>): Violation[] {
  const open = (about: string, sentence: string): Violation => ({ rule: 'all settled', about, sentence });
  return [
    ...sent
      .filter(({ acknowledgedAt }) => acknowledgedAt === null)
      .map(({ post }) => open(post.subject, `${post.event} (${post.id}) was never acknowledged`)),
    ...lives
      .flatMap(({ expected }) => expected)
      .flatMap(({ subject, must }) => {
        const story = stories.get(subject);
        const rows = ownRows(subject, story);
        return [
          ...rows
            .filter(({ status }) => status === 'sending' || status === 'deferred')
            .map((row) => open(subject, `${label(row)} is ${row.status} (${row.reason ?? 'no reason'})`)),
          ...(story?.webhooks ?? [])
            .filter(({ status }) => status === 'pending')
            .map(({ id, event }) => open(subject, `${event ?? '?'} (${id}) is pending`)),
          ...must
            .filter((kind) => !rows.some((row) => row.kind === kind))
            .map((kind) => open(subject, `nothing was decided about ${kind}`)),
        ];
      }),
  ];
}

/** Every rule that was broken. */
export function judge(evidence: Evidence): Violation[] {
  return [
    ...lost(evidence),
    ...doubled(evidence),
    ...doubtful(evidence),
    ...toldWrongly(evidence),
    ...attention(evidence),
    ...unsettled(evidence),
    ...evidence.stops.flatMap(outOfOrder),
  ];
}

/** A process has so long to end when it is told to (ms). */
const STOPS_WITHIN_MS = 30_000;

/** What is up ends by itself, with exit 0; what is still starting may refuse, or know of no signal yet. */
function outOfOrder({ member, wasUp, how, took }: Stopped): Violation[] {
  const say = (sentence: string): Violation[] => [{ rule: 'stops in order', about: member, sentence }];
  if (took > STOPS_WITHIN_MS) return say(`it took ${(took / 1_000).toFixed(0)} s to end (${how})`);
  return wasUp && how !== 'exit 0' ? say(`told to stop, it ended with ${how}`) : [];
}

/** Each acknowledged webhook is in its subject's story, and was handed on. */
function lost({ sent, stories }: Evidence): Violation[] {
  return sent
    .filter(({ acknowledgedAt }) => acknowledgedAt !== null)
    .flatMap(({ post }) => {
      const kept = stories.get(post.subject)?.webhooks.filter(({ id }) => id === post.id) ?? [];
      const say = (sentence: string): Violation => ({
        rule: 'nothing lost',
        about: post.subject,
        sentence: `${post.event} (${post.id}) was acknowledged and ${sentence}`,
      });
      const [one] = kept;
      if (one === undefined) return [say('is not there')];
      if (kept.length > 1) return [say('is there twice')];
      return one.status === 'quarantined' || one.altered ? [say('was not taken for what it is')] : [];
    });
}

/** Each email came once, or is marked as one that may have come twice. */
function doubled({ lives, mails, stories }: Evidence): Violation[] {
  return subjectsOf(lives).flatMap((subject) => {
    const rows = ownRows(subject, stories.get(subject));
    const say = (sentence: string): Violation => ({ rule: 'nothing doubled', about: subject, sentence });
    const copies = (row: ToldNotification): Mail[] => mails.filter(({ messageId }) => messageId === row.messageId);
    const twice = rows
      .filter((row) => copies(row).length > 1 && !isMarked(row))
      .map((row) => say(`${label(row)} came ${String(copies(row).length)} times and isn't marked`));
    // Two rows of the same words are the same email to who reads them.
    const words = rows.flatMap((row) =>
      copies(row)
        .slice(0, 1)
        .map((mail) => ({ row, words: mail.subject })),
    );
    const again = words
      .filter(
        ({ row, words: one }, place) =>
          !isMarked(row) && words.slice(0, place).some((earlier) => earlier.words === one && !isMarked(earlier.row)),
      )
      .map(({ row, words: one }) => say(`“${one}” came once more as ${label(row)}`));
    return [...twice, ...again];
  });
}

/**
 * What may come between an email's leaving and the word of it that the ledger keeps. Neither a stop in order, which waits
 * for what is leaving, nor Temporal's end does.
 */
const BRINGS_DOUBT: Readonly<Record<FaultName, boolean>> = {
  'receiver A killed': false,
  'receiver B killed': false,
  'worker A killed': true,
  'worker B killed': true,
  'both workers killed': true,
  'receiver A stopped': false,
  'receiver B stopped': false,
  'worker A stopped': false,
  'worker B stopped': false,
  'both workers stopped': false,
  'PostgreSQL killed': true,
  'Temporal killed': false,
  'worker, PostgreSQL and Temporal killed': true,
  'mail replies lost': true,
  greylisting: false,
  'mail server away': true,
};
/** Between what the judge's clock and the processes' clocks say of one moment (ms). */
const SLACK_MS = 1_000;

/** A mark is an excuse: each has a fault that fell between the decision and the end of its email. */
function doubtful({ lives, stories, faults }: Evidence): Violation[] {
  const causes = faults.filter(({ name }) => BRINGS_DOUBT[name]);
  return subjectsOf(lives).flatMap((subject) =>
    ownRows(subject, stories.get(subject))
      .filter(isMarked)
      .filter(({ decidedAt, settledAt }) => {
        const from = Date.parse(decidedAt) - SLACK_MS;
        const to = settledAt === null ? Infinity : Date.parse(settledAt) + SLACK_MS;
        return !causes.some((fault) => fault.from <= to && fault.to >= from);
      })
      .map((row) => ({
        rule: 'nothing doubled',
        about: subject,
        sentence: `${label(row)} is marked as one that may have come twice, and no fault explains it`,
      })),
  );
}

/** To whom, of what, in which order, and whether what `told` says is what came. */
function toldWrongly(evidence: Evidence): Violation[] {
  const { lives, mails, stories, forgeries, alertAddress } = evidence;
  const say = (about: string, sentence: string): Violation => ({ rule: 'nothing told wrongly', about, sentence });
  const expected = lives.flatMap((life) => life.expected);
  const written = new Map<string, string>();
  for (const subject of [...expected.map((one) => one.subject), STAFF])
    for (const { messageId } of ownRows(subject, stories.get(subject)))
      if (messageId !== null) written.set(messageId, subject);
  return [
    ...mails
      .filter(({ messageId }) => !written.has(messageId))
      .map(({ messageId, subject }) => say(messageId, `“${subject}” came, and nobody knows of it`)),
    ...expected.flatMap((one) => wrongIn(one, evidence).map((sentence) => say(one.subject, sentence))),
    ...mails
      .filter(({ messageId, to }) => written.get(messageId) === STAFF && to.some((address) => address !== alertAddress))
      .map(({ messageId }) => say(messageId, 'an alert for the team went to somebody else')),
    ...forgeries.flatMap(({ subject, address, answers }) => [
      ...answers.filter((status) => status < 400).map((status) => say(subject, `a forgery got ${String(status)}`)),
      ...(stories.has(subject) ? [say(subject, 'a forgery is in the books')] : []),
      ...(mails.some(({ to }) => to.includes(address)) ? [say(subject, 'a forgery was told')] : []),
    ]),
  ];
}

/** How far a kit has got when an email of this kind is right: none may come after one that is further. */
const COURSE = [
  'order.confirmed',
  'order.shipped',
  'order.cancelled',
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.cancelled',
  'results.available',
  'results.reviewed',
] as const satisfies readonly Kind[];

function wrongIn({ subject, address, must, may }: Expected, evidence: Evidence): string[] {
  const rows = ownRows(subject, evidence.stories.get(subject));
  const copies = (row: ToldNotification): Mail[] =>
    evidence.mails.filter(({ messageId }) => messageId === row.messageId);
  const came = rows
    .map((row) => ({ row, mail: copies(row)[0] }))
    .filter((one): one is { row: ToldNotification; mail: Mail } => one.mail !== undefined)
    .sort((a, b) => a.mail.at - b.mail.at);
  const calledFor = (kind: Kind): number =>
    Math.min(
      ...evidence.sent
        .filter(({ post }) => eventsFor(kind).includes(post.event) && isAbout(post.subject, subject, evidence.lives))
        .map(({ firstAt }) => firstAt),
    );
  return [
    ...rows
      .flatMap((row) => copies(row).map((mail) => ({ row, mail })))
      .filter(({ mail }) => mail.to.length !== 1 || mail.to[0] !== address)
      .map(({ row }) => `${label(row)} went to an address that is not its own`),
    ...came
      .filter(({ row }) => !isTold(row))
      .map(({ row }) => `${label(row)} came, and told says ${row.status} (${row.reason ?? 'no reason'})`),
    ...rows
      .filter((row) => (row.status === 'sent' || row.status === 'delivered') && copies(row).length === 0)
      .map((row) => `${label(row)} is ${row.status}, and never came`),
    ...rows
      .filter(({ kind, occurrence }) => ![...must, ...may].includes(kind) || occurrence > 1)
      .filter((row) => isTold(row) || copies(row).length > 0)
      .map((row) => `${label(row)} was told, and nothing calls for it`),
    ...came
      .filter(({ row, mail }) => !(mail.at >= calledFor(row.kind)))
      .map(({ row }) => `${label(row)} came before what it tells of`),
    ...came
      .filter(({ row }, place) => came.slice(0, place).some((earlier) => rank(earlier.row.kind) > rank(row.kind)))
      .map(({ row }) => `${label(row)} came after what is newer`),
    ...must
      .filter((kind) => rows.some((row) => row.kind === kind) && !rows.some((row) => row.kind === kind && isTold(row)))
      .map((kind) => {
        const row = rows.find((one) => one.kind === kind);
        return `${kind} was not told: ${row?.status ?? '?'} (${row?.reason ?? 'no reason'})`;
      }),
    ...must
      .filter((kind) => isOfResults(kind))
      .flatMap((kind) =>
        rows.filter((row) => row.kind === kind && row.status === 'unknown' && copies(row).length === 0),
      )
      .filter(() => evidence.stories.get(subject)?.needsAttention === null)
      .map((row) => `${label(row)} never came, and no human is asked`),
    ...rows
      .filter((row) => may.includes(row.kind) && !isTold(row))
      .filter(({ status, reason }) => status === 'failed' || (status === 'not_sent' && !OVERTAKEN.includes(reason)))
      .map(
        (row) =>
          `${label(row)} is ${row.status} (${row.reason ?? 'no reason'}), and nothing but newer news was in its way`,
      ),
  ];
}

const OVERTAKEN: readonly (string | null)[] = ['superseded', 'cancelled'];
const rank = (kind: Kind): number => (COURSE as readonly Kind[]).indexOf(kind);

/** The webhooks that may call for an email of a kind. */
const eventsFor = (kind: Kind): readonly string[] => {
  if (kind === 'kit.cancelled') return ['order.cancelled'];
  const told = KINDS[kind].tellsOf;
  return told === null ? [] : [told];
};

/** A webhook of its order is about a kit as well. */
function isAbout(of: Subject, subject: Subject, lives: readonly Life[]): boolean {
  if (of === subject) return true;
  const life = lives.find(({ expected }) => expected.some((one) => one.subject === subject));
  return isKit(subject) && !isKit(of) && (life?.expected.some((one) => one.subject === of) ?? false);
}

/** A human is asked where the life gives cause, or nobody knows whether an email has gone; and nowhere else. */
function attention({ lives, stories, mails, alertAddress }: Evidence): Violation[] {
  const say = (about: string, sentence: string): Violation => ({ rule: 'no attention without cause', about, sentence });
  const expected = lives.flatMap((life) => life.expected);
  const isInDoubt = (subject: string): boolean =>
    ownRows(subject, stories.get(subject)).some(({ status }) => status === 'unknown');
  return [
    ...expected.flatMap(({ subject, attention: cause }) => {
      const asked = stories.get(subject)?.needsAttention ?? null;
      if (asked !== null && !cause && !isInDoubt(subject)) return [say(subject, `a human is asked: ${asked}`)];
      return asked === null && cause ? [say(subject, 'a human should be asked, and is not')] : [];
    }),
    ...mails
      .filter(({ to }) => to.includes(alertAddress))
      .flatMap(({ subject: words }) => {
        const about = expected.find(({ subject }) => words.includes(` ${nameOf(subject)} `));
        const cause =
          about !== undefined && (about.attention || about.mayAlert || isMarkedAnywhere(about.subject, stories));
        return cause ? [] : [say(about?.subject ?? words, `the team was called: ${words}`)];
      }),
  ];
}

const isMarkedAnywhere = (subject: string, stories: Evidence['stories']): boolean =>
  ownRows(subject, stories.get(subject)).some(isMarked);

const subjectsOf = (lives: readonly Life[]): Subject[] =>
  lives.flatMap(({ expected }) => expected.map(({ subject }) => subject));
