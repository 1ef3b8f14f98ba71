import type { Settings } from '../config.js';
import { createFetchText } from '../email/providers/sns.js';
import { createPostmark } from '../email/providers/postmark.js';
import type { MailProvider } from '../email/providers/provider.js';
import { createSes } from '../email/providers/ses.js';

/** The mail providers whose reports are believed: those that settings name. */
export function createMailProviders({
  emailEventsSesTopics: topics,
  emailEventsPostmark: postmark,
}: Pick<Settings, 'emailEventsSesTopics' | 'emailEventsPostmark'>): MailProvider[] {
  const providers: MailProvider[] = [];
  if (topics.length > 0) providers.push(createSes({ topics, fetchText: createFetchText(), clock: Date.now }));
  if (postmark !== null) {
    const colon = postmark.indexOf(':');
    providers.push(createPostmark({ user: postmark.slice(0, colon), password: postmark.slice(colon + 1) }));
  }
  return providers;
}
