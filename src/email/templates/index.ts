import type { ReactElement } from 'react';
import type { JourneyKind } from '../../domain/kinds.js';
import type { TemplateProps } from '../mail.js';
import { KitCancelled, KitFailed, KitProcessingStarted, KitReceivedLab, KitRegistered, NoticeDelay } from './kit.js';
import { OrderCancelled, OrderConfirmed, OrderShipped } from './order.js';
import { ReminderRegister, ReminderReturn } from './reminders.js';
import { ResultsAvailable, ResultsReviewed, ResultsUpdated } from './results.js';

/** The emails that patients and recipients get; each has its wording under its kind. */
export const TEMPLATES: Readonly<Record<JourneyKind, (props: TemplateProps) => ReactElement>> = {
  'order.confirmed': OrderConfirmed,
  'order.shipped': OrderShipped,
  'order.cancelled': OrderCancelled,
  'kit.registered': KitRegistered,
  'kit.received_lab': KitReceivedLab,
  'kit.processing_started': KitProcessingStarted,
  'results.available': ResultsAvailable,
  'results.reviewed': ResultsReviewed,
  'results.updated': ResultsUpdated,
  'kit.failed': KitFailed,
  'kit.cancelled': KitCancelled,
  'reminder.register': ReminderRegister,
  'reminder.return': ReminderReturn,
  'notice.delay': NoticeDelay,
};

/** Which text a kind gets: the first word of results is one text, whether the results or their review came first. */
export function templateOf(kind: JourneyKind, firstWord: boolean): JourneyKind {
  return kind === 'results.reviewed' && firstWord ? 'results.available' : kind;
}
