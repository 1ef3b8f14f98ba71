import pc from 'picocolors';
import type { Status } from '../../domain/notifications.js';
import type { SubjectAnswers, SubjectAnswer, ToldNotification, ToldWebhook } from '../../ledger/ledger.js';
import { rowOf, wrap, type Column } from './layout.js';
import { summaryOf } from './summary.js';
import { minute } from './times.js';
import { isReached, isTimed, STATUS_WORDS, why } from './words.js';

export interface RenderOptions {
  /** Characters a line may have. */
  readonly width: number;
  readonly colour: boolean;
  /** Every decision under its notification. */
  readonly decisions: boolean;
  /** Also each reminder that was never needed, on a line of its own. */
  readonly all: boolean;
}

const NARROWEST = 60;
const WIDEST = 120;

/** What `told` prints: first whether they were told, then each email and why not, then what came in. */
export function renderTold(told: SubjectAnswer | SubjectAnswers, options: RenderOptions): string {
  const stories = 'subjects' in told ? told.subjects : [told];
  return stories.map((story) => renderStory(story, options)).join('\n\n');
}

function renderStory(story: SubjectAnswer, options: RenderOptions): string {
  const width = Math.min(Math.max(options.width, NARROWEST), WIDEST);
  const colours = pc.createColors(options.colour);
  const [kind = '', name = ''] = story.subject.split(/:(.*)/s);
  const order = kind === 'kit' && story.order !== null ? `, order ${story.order}` : '';
  const lines = [
    colours.bold(`${kind === 'kit' ? 'Kit' : kind === 'order' ? 'Order' : kind} ${name}${order}`),
    ...summaryOf(story).flatMap((sentence) => indented(sentence, width)),
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

const WHEN = 16;
const STATUS = 9;
const WHAT = 22;
const VERDICT = 11;
const EVENT = 24;

function notifications(
  all: readonly ToldNotification[],
  width: number,
  { decisions, all: each }: RenderOptions,
  colours: Colours,
): string[] {
  if (all.length === 0) return ['Emails: none'];
  const pointless = each ? [] : all.filter(wasNeverNeeded);
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
    ...all
      .filter((one) => !pointless.includes(one))
      .flatMap((one) => {
        const columns: Column[] = [
          { width: WHEN },
          { width: STATUS, paint: paint[one.status] ?? ((text) => text) },
          { width: WHAT },
          { width: rest },
        ];
        return [
          ...rowOf(columns, [
            minute(one.settledAt ?? one.decidedAt),
            STATUS_WORDS[one.status],
            nameOf(one),
            detail(one),
          ]),
          ...(decisions ? one.decisions.flatMap((decision) => decisionLines(decision, width)) : []),
        ];
      }),
    ...(pointless.length === 0 ? [] : indented(`Not needed: ${pointless.map(nameOf).join(', ')} (--all)`, width)),
  ];
}

const nameOf = ({ kind, occurrence }: ToldNotification): string =>
  occurrence === 1 ? kind : `${kind} #${String(occurrence)}`;

/** A clock that was stopped before an email was tried: the kit came back in time, or was called off. */
const wasNeverNeeded = ({ kind, status, reason, attempts }: ToldNotification): boolean =>
  isTimed(kind) && status === 'not_sent' && (reason === 'superseded' || reason === 'cancelled') && attempts === 0;

function detail(one: ToldNotification): string {
  const parts = [
    why(one),
    one.to === null ? '' : `to ${one.to}`,
    one.possiblyDuplicate ? 'perhaps twice' : '',
    one.attempts > 1 ? `${String(one.attempts)} tries` : '',
    one.smtpReply !== null && !isReached(one.status) ? `“${one.smtpReply}”` : '',
  ];
  return parts.filter(Boolean).join('; ');
}

function decisionLines(
  { at, verdict, reason, cause, rule }: ToldNotification['decisions'][number],
  width: number,
): string[] {
  const decided = { send: 'send', wait: 'wait', not_send: 'do not send' }[verdict];
  const text = `${minute(at)} ${decided}${reason === null ? '' : ` (${reason})`}, by ${cause}: ${rule}`;
  return wrap(text, width - 6).map((line, at_) => `${at_ === 0 ? '    · ' : '      '}${line}`);
}

function webhooks(all: readonly ToldWebhook[], width: number, colours: Colours): string[] {
  if (all.length === 0) return ['Webhooks: none'];
  const columns: Column[] = [
    { width: WHEN },
    { width: VERDICT },
    { width: EVENT },
    { width: width - 2 - WHEN - VERDICT - EVENT - 6 },
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
        minute(one.receivedAt),
        one.status,
        one.event ?? 'unknown',
        notes.filter(Boolean).join('; '),
      ]);
    }),
  ];
}
