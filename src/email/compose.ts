import { plainTextSelectors, render } from '@react-email/render';
import { compile } from 'html-to-text';
import { createElement, type ReactElement } from 'react';
import type { JourneyKind, Kind } from '../domain/kinds.js';
import type { Brand, ComposedEmail, EmailInput, Emails, NamedAddress, StaffAlert } from './types.js';
import { type Mail, prepareMail, subjectOf, type TemplateProps } from './mail.js';
import { fill, type OwnTemplate } from './overrides.js';
import { StaffAlertEmail, staffAlertSubject } from './templates/staff-alert.js';
import { createTheme } from './theme.js';
import { createWording, type Wording } from './wording/wording.js';
import {
  KitCancelled,
  KitFailed,
  KitProcessingStarted,
  KitReceivedLab,
  KitRegistered,
  NoticeDelay,
} from './templates/kit.js';
import { OrderCancelled, OrderConfirmed, OrderShipped } from './templates/order.js';
import { ReminderRegister, ReminderReturn } from './templates/reminders.js';
import { ResultsAvailable, ResultsReviewed, ResultsUpdated } from './templates/results.js';

export interface EmailsOptions {
  readonly brand: Brand;
  /** Default: the four languages that come with kit-herald. */
  readonly wording?: Wording;
  /** A company's own emails in place of ours, from EMAIL_TEMPLATES_DIR. */
  readonly templates?: ReadonlyMap<JourneyKind, OwnTemplate>;
}

/** Where nothing is said of what it is about. */
const SOMETHING: StaffAlert = {
  subject: 'staff',
  sentence: 'Somebody needs to look at the desk.',
  others: 0,
  limit: 'hour',
};

/** Emails under one brand. Throws where the wording is broken, so that this shows at start. */
export function createEmails({ brand, wording = createWording(), templates }: EmailsOptions): Emails {
  const theme = createTheme(brand.color);
  if (!wording.locales.includes(brand.defaultLocale))
    throw new Error(`there is no wording in the default locale ${brand.defaultLocale}`);

  return {
    async compose(input) {
      if (input.kind === 'staff.alert') {
        const alert = input.alert ?? SOMETHING;
        return {
          ...(await written(createElement(StaffAlertEmail, { alert, theme }))),
          ...addressed(input, brand.from, null),
          subject: oneLine(staffAlertSubject(alert)),
          headers: headersOf({ template: input.kind, locale: 'en', stop: null }),
        };
      }
      const template = templateOf(input.kind, input.firstWord);
      const mail = prepareMail(input, template, { brand, theme, wording });
      const from = mail.stop === null ? brand.from : (brand.fromReminders ?? brand.from);
      const own = templates?.get(template);
      return {
        ...(own === undefined ? await written(createElement(TEMPLATES[template], { mail })) : fill(own, mail)),
        ...addressed(input, from, supportOf(brand)),
        subject: oneLine(subjectOf(mail)),
        headers: headersOf(mail),
      };
    },
  };
}

/** Both parts from one element, so that they can't say different things. */
async function written(element: ReactElement): Promise<Pick<ComposedEmail, 'html' | 'text'>> {
  const html = await render(element);
  return { html, text: plainText(html) };
}

/** As React Email's `toPlainText`, but that its selectors are compiled once and not for each email. */
const convert = compile({
  wordwrap: false,
  selectors: [...plainTextSelectors, ...['h1', 'h2'].map((selector) => ({ selector, options: { uppercase: false } }))],
});

const plainText = (html: string): string =>
  `${convert(html)
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;

const addressed = (
  { to, messageId }: EmailInput,
  from: NamedAddress,
  replyTo: NamedAddress | null,
): Pick<ComposedEmail, 'to' | 'messageId' | 'from' | 'replyTo'> => ({ to, messageId, from, replyTo });

const supportOf = ({ name, supportEmail }: Brand): NamedAddress | null =>
  supportEmail === null ? null : { name, address: supportEmail };

/** A subject is one line of printable text, whatever a setting or a wording brought in. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

/** `template`, not the kind: the first word of results is one, in its headers too. */
type HeaderInput = Pick<Mail, 'locale' | 'stop'> & { readonly template: Kind };

/**
 * What machines are told: that no person wrote it (RFC 3834), that out-of-office replies are not wanted, how mailbox
 * providers may group complaints (by kind of email; no person, no kit), and how to stop it by one click where it may be
 * stopped (RFC 8058).
 */
function headersOf({ template, locale, stop }: HeaderInput): Record<string, string> {
  return {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'Feedback-ID': `${template}:${stop?.topic ?? 'essential'}:kit-herald`,
    'Content-Language': locale,
    ...(stop === null
      ? {}
      : { 'List-Unsubscribe': `<${stop.url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
  };
}

/** The emails that patients and recipients get; each has its wording under its kind. */
const TEMPLATES: Readonly<Record<JourneyKind, (props: TemplateProps) => ReactElement>> = {
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
function templateOf(kind: JourneyKind, firstWord: boolean): JourneyKind {
  return kind === 'results.reviewed' && firstWord ? 'results.available' : kind;
}
