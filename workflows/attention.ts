import type { AttentionCode } from '../src/domain/attention.js';
import type { Kind, Reason } from '../src/domain/vocabulary.js';
import { noContactRule, policyRow } from './checks.js';
import type { Row } from './knowledge.js';
import type { Occasion } from './occasions.js';
import { POLICY, type JourneyKind } from './policy.js';
import { isParked } from './repairs.js';
import { heldUntil } from './results.js';
import type { Happening, Story } from './story.js';
import { atLab, unregisteredAtLab, unregisteredDue } from './timers.js';

/** Why a human should look: from when on (ms), and whether staff are called at once. */
export interface Concern {
  readonly code: AttentionCode;
  readonly kind?: Kind;
  readonly from: number;
  readonly alerts: boolean;
}

/** Every concern, the gravest first; one whose time has not come is in it too, so that a clock can wait for it. */
export function concerns(occasions: readonly Occasion[], story: Story): Concern[] {
  const results = occasions.filter(({ kind }) => kind.startsWith('results.'));
  const others = occasions.filter(({ kind }) => !kind.startsWith('results.'));
  return [
    ...conflict(story),
    ...results.flatMap((occasion) => aboutRow(occasion, story)),
    ...contradictions(story),
    ...others.flatMap((occasion) => aboutRow(occasion, story)),
    ...atTheLab(story),
  ];
}

const conflict = (story: Story): Concern[] =>
  !story.patient.known && story.patient.why === 'contact_conflict' && !story.erased
    ? [{ code: 'contact_conflict', from: story.now, alerts: true }]
    : [];

const CODES: Partial<Record<Reason, AttentionCode>> = {
  address_refused: 'address_refused',
  server_refused: 'server_refused',
  retries_exhausted: 'retries_exhausted',
  no_answer: 'no_answer',
  bounced_permanent: 'bounced',
  bounced_temporary: 'bounced',
  complained: 'complained',
  address_suppressed: 'address_suppressed',
};

/** After these the next email won't reach the person either: neither a complaint nor a missing answer says so. */
const DID_NOT_ARRIVE: readonly Reason[] = [
  'address_refused',
  'server_refused',
  'retries_exhausted',
  'bounced_permanent',
  'bounced_temporary',
  'address_suppressed',
];

/** The patient's first email didn't arrive: staff hear of it while there is time, since results won't arrive either. */
export const isEarlyWarning = ({ kind, alerts }: Concern): boolean =>
  alerts && kind !== undefined && POLICY[kind as JourneyKind].undelivered === 'attention_now';

function aboutRow(occasion: Occasion, story: Story): Concern[] {
  const { row, kind } = occasion;
  if (row?.flight !== 'none' || row.reason === null) return [];
  const { undelivered } = policyRow(occasion);
  const alerts = undelivered === 'human' || (undelivered === 'attention_now' && DID_NOT_ARRIVE.includes(row.reason));
  const concern = (code: AttentionCode, from = story.now): Concern[] => [{ code, kind, from, alerts }];
  if (row.status === 'deferred') return aboutWaiting(occasion, row, story, concern);
  if (undelivered === 'row' || isAnswered(occasion, row, story)) return [];
  if (row.reason === 'opted_out') return undelivered === 'human' ? concern('opted_out') : [];
  const code = CODES[row.reason];
  return code === undefined ? [] : concern(code);
}

function aboutWaiting(
  occasion: Occasion,
  row: Row,
  story: Story,
  concern: (code: AttentionCode, from?: number) => Concern[],
): Concern[] {
  switch (row.reason) {
    case 'no_contact':
    case 'not_the_patient': {
      const { attentionAfter } = noContactRule(occasion, story);
      return attentionAfter === null ? [] : concern(row.reason, occasion.receivedAt + attentionAfter);
    }
    case 'held_for_review': {
      const until = heldUntil(story, occasion);
      if (until === null) return [];
      const half = until - story.settings.resultsMaxHold / 2;
      return concern('held_for_review', half).map((each) => ({ ...each, alerts: false }));
    }
    case 'too_late':
    case 'address_suppressed':
    case 'opted_out':
      return concern(row.reason);
    default:
      return [];
  }
}

/** An operator has skipped it, or a later email of this kit has reached the same person. */
function isAnswered(occasion: Occasion, row: Row, story: Story): boolean {
  const skip = story.commands('operator.skip', row.upTo, occasion);
  const laterOne = story.rows.some((other) => other.at > row.at && ['sent', 'delivered'].includes(other.status));
  return skip.length > 0 || (laterOne && isParked(row) && policyRow(occasion).undelivered !== 'human');
}

/** Facts that don't go together; an operator's skip of the whole subject acknowledges them. */
function contradictions(story: Story): Concern[] {
  const results = story.first('results.available', 'results.reviewed');
  const end = story.first('order.cancelled', 'kit.cancelled', 'kit.failed');
  const review = story.has('results.available') ? undefined : story.first('results.reviewed');
  const strange = story.all('partner.answered').filter(({ fact }) => fact.unknownStatus === true);
  const found: Concern[] = [];
  const add = (code: AttentionCode, alerts: boolean, ...because: readonly (Happening | undefined)[]): void => {
    if (because.some((happening) => happening === undefined)) return;
    const since = Math.max(...because.map((happening) => happening?.seq ?? 0));
    const seen = story.commands('operator.skip', since).some(({ fact }) => fact.command?.kind === undefined);
    if (!seen) found.push({ code, from: story.now, alerts });
  };
  if (isKitStory(story)) {
    add('results_after_end', true, results, end);
    add(
      'cancelled_at_lab',
      false,
      results === undefined && atLab(story) ? story.first('order.cancelled', 'kit.cancelled') : undefined,
    );
    add('review_without_results', false, review);
    add('unknown_status', true, strange.at(-1));
    add(
      'two_orders',
      false,
      story.orders.length > 1 ? story.news.find(({ fact }) => fact.order === story.orders[1]) : undefined,
    );
  }
  return found;
}

const isKitStory = (story: Story): boolean => story.subject.startsWith('kit:');

function atTheLab(story: Story): Concern[] {
  const arrival = unregisteredAtLab(story);
  if (arrival === undefined || story.has('results.available', 'results.reviewed')) return [];
  const seen = story.commands('operator.skip', arrival.seq).some(({ fact }) => fact.command?.kind === undefined);
  return seen ? [] : [{ code: 'unregistered_at_lab', from: unregisteredDue(arrival), alerts: true }];
}
