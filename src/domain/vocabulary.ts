/**
 * The closed sets of kit-herald: what the outside may see of a notification and of a journey.
 * A value that is not listed here exists nowhere: not in the database, not in Temporal, not in `told`.
 */

/** The twelve events that C4HXP documents on its webhook page. */
export const C4HXP_EVENTS = [
  'order.created',
  'order.confirmed',
  'order.shipped',
  'order.cancelled',
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'kit.processing_completed',
  'results.available',
  'results.reviewed',
  'system.maintenance_scheduled',
  'system.maintenance_completed',
] as const;
export type C4hxpEvent = (typeof C4HXP_EVENTS)[number];

/** Every kind of email that can be sent or deliberately not sent. */
export const KINDS = [
  'order.confirmed',
  'order.shipped',
  'order.cancelled',
  'kit.registered',
  'kit.received_lab',
  'kit.processing_started',
  'results.available',
  'results.reviewed',
  'results.updated',
  'kit.failed',
  'kit.cancelled',
  'reminder.register',
  'reminder.return',
  'notice.delay',
  'staff.alert',
] as const;
export type Kind = (typeof KINDS)[number];

/** The three kinds that no setting and no link can switch off. */
export const RESULTS_KINDS = ['results.available', 'results.reviewed', 'results.updated'] as const satisfies Kind[];
export const isOfResults = (kind: Kind): boolean => (RESULTS_KINDS as readonly Kind[]).includes(kind);

export const STATUSES = [
  'sending',
  'deferred',
  'sent',
  'delivered',
  'bounced',
  'complained',
  'failed',
  'unknown',
  'not_sent',
] as const;
export type Status = (typeof STATUSES)[number];

export const REASONS = [
  'superseded',
  'cancelled',
  'already_told',
  'no_contact',
  'not_the_patient',
  'contact_conflict',
  'opted_out',
  'address_suppressed',
  'held_for_review',
  'quiet_hours',
  'switched_off',
  'too_late',
  'operator_skipped',
  'erased',
  'address_refused',
  'server_refused',
  'retries_exhausted',
  'no_answer',
  'bounced_permanent',
  'bounced_temporary',
  'complained',
] as const;
export type Reason = (typeof REASONS)[number];

export const KIT_STATES = [
  'unknown',
  'shipped',
  'registered',
  'received_lab',
  'processing',
  'failed',
  'cancelled',
  'results.available',
  'results.reviewed',
] as const;
export type KitState = (typeof KIT_STATES)[number];

export const ORDER_STATES = ['unknown', 'created', 'confirmed', 'shipped', 'cancelled'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export type Verdict = 'send' | 'wait' | 'not_send';

/** Where an inbox row came from: everything that a journey must know comes in by one of these. */
export const SOURCES = ['c4hxp', 'partner', 'mail', 'operator'] as const;
export type Source = (typeof SOURCES)[number];

/** What a person may stop by one click (policy.md, "Stopping"). */
export const TOPICS = ['reminders', 'progress'] as const;
export type Topic = (typeof TOPICS)[number];
