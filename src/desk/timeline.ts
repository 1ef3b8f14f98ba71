import { EVENTS } from '../domain/events.js';
import { KINDS, type Kind } from '../domain/kinds.js';
import { STATUS_WORDS, TRANSIT_WORDS, why } from '../domain/words.js';
import { EVENT_OF } from '../admin/ask-command.js';
import type { Action } from '../admin/schemas.js';
import type { AskedFor, SubjectAnswer } from '../ledger/ledger.js';
import { ACTION_TITLES } from './action-titles.js';
import { spoken } from './sentence.js';

/** One thing that happened, or comes next. */
export interface TimelineEntry {
  /** ISO 8601 */
  readonly at: string;
  readonly what: 'in' | 'decided' | 'out' | 'next';
  readonly title: string;
  /** Why, or what became of it; empty where there is nothing to say. */
  readonly detail: string;
  /** What else there is to see: an email by its Message-ID, or a webhook by its id. */
  readonly shows?: { readonly email: string } | { readonly webhook: string };
  /** The Message-ID of an email whose masked address stands in `detail`: what is behind it may be asked for. */
  readonly masks?: string;
}

/**
 * A kit's whole story and its order's in one row: what came in, was decided and why, went out, and comes next.
 * @param asked what operators asked for
 */
export function timelineOf(answer: SubjectAnswer, asked: readonly AskedFor[] = []): TimelineEntry[] {
  const { webhooks, notifications, transit, acknowledged, next } = answer;
  const entries: TimelineEntry[] = [
    ...webhooks.map(({ id, receivedAt, event, status, duplicates, reason }): TimelineEntry => ({
      at: receivedAt,
      what: 'in',
      title: event === null ? 'Something came in that can’t be read' : `Came in: ${eventTitle(event)}`,
      detail: [
        status === 'quarantined' ? `in quarantine${reason === null ? '' : ` (${reason})`}` : '',
        status === 'pending' ? 'not handed on yet' : '',
        duplicates > 0 ? `came ${String(duplicates + 1)} times` : '',
      ]
        .filter(Boolean)
        .join('; '),
      ...(status === 'quarantined' ? { shows: { webhook: id } } : {}),
    })),
    ...transit.map(({ what, at, heardAt }): TimelineEntry => ({
      at: at ?? heardAt,
      what: 'in',
      title: `Parcel: ${TRANSIT_WORDS[what]}`,
      detail: '',
    })),
    ...notifications.flatMap((told): TimelineEntry[] => {
      const { title } = KINDS[told.kind];
      const decided = told.decisions
        .filter(({ verdict }) => verdict !== 'send')
        .map(({ at, verdict, reason }): TimelineEntry => ({
          at,
          what: 'decided',
          title: `${verdict === 'wait' ? 'Waits' : 'Not sent'}: ${title}`,
          detail: why({ kind: told.kind, status: verdict === 'wait' ? 'deferred' : 'not_sent', reason }),
        }));
      const isOut = told.status !== 'not_sent' && told.status !== 'deferred';
      const gone: TimelineEntry = {
        at: told.settledAt ?? told.decidedAt,
        what: 'out',
        title: `Email: ${title}`,
        detail: [
          STATUS_WORDS[told.status],
          told.to === null ? '' : `to ${told.to}`,
          why(told),
          told.possiblyDuplicate ? 'may have gone twice' : '',
          told.smtpReply === null ? '' : `the mail server said: ${told.smtpReply}`,
        ]
          .filter(Boolean)
          .join('; '),
        ...(told.messageId === null || KINDS[told.kind].to === 'team' ? {} : { shows: { email: told.messageId } }),
        ...(told.messageId === null || told.to === null ? {} : { masks: told.messageId }),
      };
      return isOut ? [...decided, gone] : decided;
    }),
    ...asked.flatMap(({ event, at, by, reason }): TimelineEntry[] => {
      const action = ACTIONS.find((one) => EVENT_OF[one] === event);
      if (action === undefined || action === 'acknowledge') return [];
      const title = `${by ?? 'Somebody'} asked for “${ACTION_TITLES[action]}”`;
      return [{ at, what: 'decided', title, detail: reason ?? '' }];
    }),
    ...acknowledged.map(({ at, by, reason }): TimelineEntry => ({
      at,
      what: 'decided',
      title: `${by ?? 'Somebody'} has dealt with what was shown`,
      detail: reason ?? '',
    })),
  ];
  const sorted = entries.sort((one, other) => one.at.localeCompare(other.at));
  return next === null
    ? sorted
    : [
        ...sorted,
        { at: next.at, what: 'next', title: `Next: ${nextTitle(next.what)}`, detail: 'unless news comes first' },
      ];
}

const ACTIONS = Object.keys(ACTION_TITLES) as Action[];

const eventTitle = (event: string): string => (event in EVENTS ? spoken(event) : event);

const nextTitle = (what: string): string => (what in KINDS ? KINDS[what as Kind].title.toLowerCase() : spoken(what));
