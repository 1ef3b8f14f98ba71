import type { NotifyInput, Said } from '../domain/activities.js';
import { isKit, nameOf } from '../domain/subjects.js';
import type { EmailInput } from './types.js';

/** What a journey has decided to say. */
type Decided = Said & Pick<NotifyInput, 'subject' | 'kind'>;

/** Whom it is said to, when, and what is known beside. */
type Known = Pick<EmailInput, 'to' | 'person' | 'messageId' | 'at' | 'parcels' | 'stopUrl'>;

/** What the email of a decision is composed from: whoever sends one, or shows it later, asks here. */
export const emailInput = (decided: Decided, known: Known): EmailInput => ({
  kind: decided.kind,
  firstWord: decided.firstWord,
  barcode: isKit(decided.subject) ? nameOf(decided.subject) : null,
  to: known.to,
  person: known.person,
  messageId: known.messageId,
  at: known.at,
  times: {
    shippedAt: decided.shippedAt,
    expectedDelivery: decided.expectedDelivery,
    expectedCompletion: decided.expectedCompletion,
  },
  parcels: known.parcels,
  stopUrl: known.stopUrl,
});
