import type { ReactElement } from 'react';
import type { Kind } from '../../domain/kinds.js';
import type { TemplateProps } from '../mail.js';
import { KitCancelled } from './kit-cancelled.js';
import { KitFailed } from './kit-failed.js';
import { KitProcessingStarted } from './kit-processing-started.js';
import { KitReceivedLab } from './kit-received-lab.js';
import { KitRegistered } from './kit-registered.js';
import { NoticeDelay } from './notice-delay.js';
import { OrderCancelled } from './order-cancelled.js';
import { OrderConfirmed } from './order-confirmed.js';
import { OrderShipped } from './order-shipped.js';
import { ReminderRegister } from './reminder-register.js';
import { ReminderReturn } from './reminder-return.js';
import { ResultsAvailable } from './results-available.js';
import { ResultsReviewed } from './results-reviewed.js';
import { ResultsUpdated } from './results-updated.js';

/** The emails that patients and recipients get; each has its wording under its own name. */
export type TemplateName = Exclude<Kind, 'staff.alert'>;

interface Template {
  readonly render: (props: TemplateProps) => ReactElement;
  /** What the reader is told about; a kit's emails carry the kit's last four in their subject. */
  readonly about: 'order' | 'kit';
}

export const TEMPLATES: Readonly<Record<TemplateName, Template>> = {
  'order.confirmed': { render: OrderConfirmed, about: 'order' },
  'order.shipped': { render: OrderShipped, about: 'order' },
  'order.cancelled': { render: OrderCancelled, about: 'order' },
  'kit.registered': { render: KitRegistered, about: 'kit' },
  'kit.received_lab': { render: KitReceivedLab, about: 'kit' },
  'kit.processing_started': { render: KitProcessingStarted, about: 'kit' },
  'results.available': { render: ResultsAvailable, about: 'kit' },
  'results.reviewed': { render: ResultsReviewed, about: 'kit' },
  'results.updated': { render: ResultsUpdated, about: 'kit' },
  'kit.failed': { render: KitFailed, about: 'kit' },
  'kit.cancelled': { render: KitCancelled, about: 'kit' },
  'reminder.register': { render: ReminderRegister, about: 'order' },
  'reminder.return': { render: ReminderReturn, about: 'kit' },
  'notice.delay': { render: NoticeDelay, about: 'kit' },
};

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];

/** Which text a kind gets: the first word of results is one text, whether the results or their review came first. */
export function templateOf(kind: TemplateName, firstWord: boolean): TemplateName {
  return kind === 'results.reviewed' && firstWord ? 'results.available' : kind;
}
