import type { Topic } from '../../domain/kinds.js';

interface HeaderInput {
  /** The template's name, not the kind: the first word of results is one, in its headers too. */
  readonly template: string;
  readonly locale: string;
  readonly stop: { readonly url: string; readonly topic: Topic } | null;
}

/**
 * What machines are told: that no person wrote it (RFC 3834), that out-of-office replies are not wanted, how mailbox
 * providers may group complaints (by kind of email; no person, no kit), and how to stop it by one click where it may be
 * stopped (RFC 8058).
 */
export function headersOf({ template, locale, stop }: HeaderInput): Record<string, string> {
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
