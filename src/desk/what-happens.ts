import type { EmailOutlook } from '../admin/outlook.js';
import { KINDS } from '../domain/kinds.js';
import { why } from '../domain/words.js';
import { html, type Html } from './html.js';
import { at } from './sentence.js';

/** What would become of emails, one sentence each, as it was foretold for what is about to be done. */
export function fatesOf(emails: readonly EmailOutlook[], zone: string): Html {
  if (emails.length === 0) return html`<p>No email goes because of it.</p>`;
  return html`<ul>
    ${emails.map((email) => html`<li>${fateOf(email, zone)}</li>`)}
  </ul>`;
}

function fateOf({ kind, becomes, until, reason }: EmailOutlook, zone: string): string {
  const { title } = KINDS[kind];
  if (becomes === 'goes') return `“${title}” is sent.`;
  const because = why({ kind, status: becomes === 'waits' ? 'deferred' : 'not_sent', reason });
  const what = becomes === 'waits' ? 'waits' : 'is not sent';
  return `“${title}” ${what}${until === null ? '' : ` until ${at(until, zone)}`}${because === '' ? '' : `: ${because}`}.`;
}
