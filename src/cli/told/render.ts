import pc from 'picocolors';
import type { Stories, Story, ToldNotification, ToldWebhook } from '../../ledger/ledger.js';
import type { Status } from '../../terms/vocabulary.js';
import { rowOf, wrap, type Column } from './layout.js';
import { STATUS_WORDS, why } from './words.js';

export interface RenderOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly colour: boolean;
  /** Every decision under its notification. */
  readonly decisions: boolean;
}

const NARROWEST = 60;
const WIDEST = 120;

/** What `told` prints: first whether they were told, then each email and why not, then what came in. */
export function renderTold(told: Story | Stories, options: RenderOptions): string {
  const stories = 'subjects' in told ? told.subjects : [told];
  return stories.map((story) => renderStory(story, options)).join('\n\n');
}

function renderStory(story: Story, options: RenderOptions): string {
  const width = Math.min(Math.max(options.width, NARROWEST), WIDEST);
  const colours = pc.createColors(options.colour);
  const [kind = '', name = ''] = story.subject.split(/:(.*)/s);
  const order = kind === 'kit' && story.order !== null ? `, order ${story.order}` : '';
  const lines = [
    colours.bold(`${kind === 'kit' ? 'Kit' : kind === 'order' ? 'Order' : kind} ${name}${order}`),
    ...indented(`State: ${story.state}${story.closedAt === null ? '' : `, closed ${time(story.closedAt)}`}`, width),
    ...indented(summary(story), width),
    ...(story.next === null ? [] : indented(`Next: ${story.next.what}, ${time(story.next.at)}`, width)),
    ...(story.needsAttention === null
      ? []
      : indented(`NEEDS ATTENTION: ${story.needsAttention}`, width).map(colours.yellow)),
    '',
    ...notifications(story.notifications, width, options, colours),
    '',
    ...webhooks(story.webhooks, width, colours),
  ];
  return lines.join('\n');
}

type Colours = ReturnType<typeof pc.createColors>;

const indented = (text: string, width: number): string[] => wrap(text, width - 2).map((line) => `  ${line}`);

/** To the minute, in UTC: support agents and logs then speak of the same time. */
const time = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;

const REACHED: readonly Status[] = ['sent', 'delivered'];

function summary({ notifications }: Story): string {
  const reached = notifications.filter(({ status }) => REACHED.includes(status));
  const last = reached.at(-1);
  if (last === undefined) {
    return notifications.length === 0 ? 'Nobody was told anything so far.' : 'Told: nothing so far; see below why.';
  }
  const to = last.to === null ? '' : ` to ${last.to}`;
  const emails = reached.length === 1 ? '1 email' : `${String(reached.length)} emails`;
  return `Told: ${emails}, the last ${last.kind} at ${time(last.settledAt ?? last.decidedAt)}${to}.`;
}

const WHEN = 16;
const STATUS = 9;
const WHAT = 22;

function notifications(
  all: readonly ToldNotification[],
  width: number,
  { decisions }: RenderOptions,
  colours: Colours,
): string[] {
  if (all.length === 0) return ['Emails: none'];
  const paint: Partial<Record<Status, (text: string) => string>> = {
    sent: colours.green,
    delivered: colours.green,
    failed: colours.red,
    bounced: colours.red,
    complained: colours.red,
    unknown: colours.yellow,
    deferred: colours.yellow,
  };
  const rest = width - 2 - WHEN - STATUS - WHAT - 6;
  return [
    colours.bold('Emails (times in UTC)'),
    ...all.flatMap((one) => {
      const columns: Column[] = [
        { width: WHEN },
        { width: STATUS, paint: paint[one.status] ?? ((text) => text) },
        { width: WHAT },
        { width: rest },
      ];
      const what = one.occurrence === 1 ? one.kind : `${one.kind} #${String(one.occurrence)}`;
      return [
        ...rowOf(columns, [time(one.settledAt ?? one.decidedAt), STATUS_WORDS[one.status], what, detail(one)]),
        ...(decisions ? one.decisions.flatMap((decision) => decisionLines(decision, width)) : []),
      ];
    }),
  ];
}

function detail(one: ToldNotification): string {
  const parts = [
    one.reason === null ? '' : why(one.status, one.reason),
    one.to === null ? '' : `to ${one.to}`,
    one.possiblyDuplicate ? 'perhaps twice' : '',
    one.attempts > 1 ? `${String(one.attempts)} tries` : '',
    one.smtpReply !== null && !REACHED.includes(one.status) ? `“${one.smtpReply}”` : '',
  ];
  return parts.filter(Boolean).join('; ');
}

function decisionLines(
  { at, verdict, reason, cause, rule }: ToldNotification['decisions'][number],
  width: number,
): string[] {
  const decided = { send: 'send', wait: 'wait', not_send: 'do not send' }[verdict];
  const text = `${time(at)} ${decided}${reason === null ? '' : ` (${reason})`}, by ${cause}: ${rule}`;
  return wrap(text, width - 6).map((line, at_) => `${at_ === 0 ? '    · ' : '      '}${line}`);
}

function webhooks(all: readonly ToldWebhook[], width: number, colours: Colours): string[] {
  if (all.length === 0) return ['Webhooks: none'];
  const columns: Column[] = [
    { width: WHEN },
    { width: 11 },
    { width: WHAT },
    { width: width - 2 - WHEN - 11 - WHAT - 6 },
  ];
  return [
    colours.bold('Webhooks (times in UTC)'),
    ...all.flatMap((one) => {
      const notes = [
        one.id,
        one.duplicates > 0 ? `came ${String(one.duplicates + 1)} times` : '',
        one.altered ? 'with other bytes' : '',
        one.idReused ? 'its id was used before' : '',
        one.reason ?? '',
        one.bodyState === 'kept' ? '' : `body ${one.bodyState}`,
      ];
      return rowOf(columns, [
        time(one.receivedAt),
        one.status,
        one.event ?? 'unknown',
        notes.filter(Boolean).join('; '),
      ]);
    }),
  ];
}
