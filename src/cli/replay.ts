import type { AdminClient } from '../admin/client.js';
import type { EmailOutlook } from '../admin/outlook.js';
import type { RehearsedPage, ReplayedWebhook, ReplayPage } from '../admin/replays.js';
import { Refusal } from '../config/refusal.js';
import { nameOf } from '../domain/subjects.js';
import { why } from '../domain/words.js';
import { EXIT, minute, print, printJson, refused, rowOf, wrap } from './output.js';

export interface ReplayOptions {
  readonly seq?: string;
  readonly reason?: string;
  readonly event?: string;
  /** ms before now */
  readonly since?: number;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly json?: true;
}

/**
 * Replays one webhook, or all in quarantine that are selected; or says what that would come to.
 * @returns the exit code. @throws Refusal where it isn't clear which are meant, or whether it is meant.
 */
export async function replay(client: AdminClient, id: string | undefined, options: ReplayOptions): Promise<number> {
  const { reason, event, since, dryRun, yes } = options;
  const selects = [reason, event, since].some((one) => one !== undefined);
  if (id !== undefined) {
    if (selects || dryRun || yes) {
      throw new Refusal('One webhook is replayed by its id alone; what would become of it says webhooks show.');
    }
    return replayOne(client, id, options);
  }
  if (!selects) throw new Refusal('Name a webhook by its id, or select some by --reason, --event or --since.');
  if (dryRun === yes) {
    throw new Refusal('Say either --dry-run, to see which emails would go and which not, or --yes, to replay.');
  }
  return dryRun ? rehearse(client, options) : replayAll(client, options);
}

async function replayOne(client: AdminClient, id: string, { seq, json }: ReplayOptions): Promise<number> {
  const query = seq === undefined ? '' : `?seq=${encodeURIComponent(seq)}`;
  const answer = await client.post(`/admin/webhooks/${encodeURIComponent(id)}/replay${query}`, {});
  if (answer.status !== 202) return refused(answer);
  const { outcome } = answer.body as { readonly outcome: string };
  const said = outcome === 'known_already' ? 'It came again meanwhile, and was read.' : 'It is on its way again.';
  if (json) printJson(answer.body);
  else print(said);
  return EXIT.done;
}

async function rehearse(client: AdminClient, options: ReplayOptions): Promise<number> {
  const { webhooks, emails, code } = await pages(client, 'rehearse-replay', options);
  if (code !== EXIT.done) return code;
  if (options.json) printJson({ webhooks, emails });
  else print(renderReplay(webhooks, emails));
  return code;
}

async function replayAll(client: AdminClient, options: ReplayOptions): Promise<number> {
  const { webhooks, code } = await pages(client, 'replay', options);
  // Also of a page that failed: those before it are on their way.
  if (options.json) printJson({ webhooks });
  else print(renderReplay(webhooks, null));
  return code;
}

const PAGE = 100;

/** All pages until there is no more, or one fails: what they say together, and the exit code. */
async function pages(
  client: AdminClient,
  route: 'rehearse-replay' | 'replay',
  { reason, event, since: before }: ReplayOptions,
): Promise<{ readonly webhooks: ReplayedWebhook[]; readonly emails: EmailOutlook[]; readonly code: number }> {
  const since = before === undefined ? undefined : new Date(Date.now() - before).toISOString();
  const webhooks: ReplayedWebhook[] = [];
  const emails: EmailOutlook[] = [];
  let code: number = EXIT.done;
  let after: number | undefined;
  do {
    const answer = await client.post(`/admin/webhooks/${route}`, { reason, event, since, after, limit: PAGE });
    if (answer.status !== 200) {
      code = refused(answer);
      break;
    }
    const page = answer.body as ReplayPage & Partial<RehearsedPage>;
    webhooks.push(...page.webhooks);
    // They come with the last page, over all.
    emails.push(...(page.emails ?? []));
    after = page.next ?? undefined;
  } while (after !== undefined);
  return { webhooks, emails, code };
}

const WIDTH = 80;

/** What replaying came to; with `emails`, what it would come to. At most 80 columns wide; times are UTC. */
export function renderReplay(webhooks: readonly ReplayedWebhook[], emails: readonly EmailOutlook[] | null): string {
  const isRehearsal = emails !== null;
  const of = (...outcomes: readonly ReplayedWebhook['outcome'][]): ReplayedWebhook[] =>
    webhooks.filter(({ outcome }) => outcomes.includes(outcome));
  const unread = of('still_quarantined');
  const counted = [
    `${count(of('accepted').length, 'webhook')} ${isRehearsal ? 'can be read now' : 'went the way again'}`,
    ...some(of('known_already').length, 'came again meanwhile, and was read then'),
    ...some(unread.length, 'still can’t be read'),
    ...some(of('body_expired').length, 'can’t be replayed: the body is not kept any more'),
  ];
  if (webhooks.length === 0) return 'Nothing in quarantine is meant by that.';
  return [
    ...wrap(`${counted.join('; ')}.${isRehearsal ? ' Nothing was sent or changed.' : ''}`, WIDTH),
    ...unread.flatMap(({ id, reason }) => rowOf([{ width: 30 }, { width: 46 }], [id, reason ?? ''])),
    ...(isRehearsal ? ['', ...renderEmails(emails)] : []),
  ].join('\n');
}

const GROUPS = [
  ['goes', 'Emails that would go now'],
  ['waits', 'Emails that would wait'],
  ['not_sent', 'Emails that would not go'],
] as const;

const COLUMNS = [{ width: 20 }, { width: 22 }, { width: 32 }];

/** What would become of emails, a line for each, at most 80 columns wide. */
export function renderEmails(emails: readonly EmailOutlook[]): string[] {
  if (emails.length === 0) return ['No email would go because of it, and none would not.'];
  return GROUPS.flatMap(([becomes, title]) => {
    const those = emails.filter((email) => email.becomes === becomes);
    if (those.length === 0) return [];
    return [`${title}: ${String(those.length)}`, ...those.flatMap(line)];
  });
}

function line({ subject, kind, occurrence, becomes, reason, until }: EmailOutlook): string[] {
  const email = occurrence === 1 ? kind : `${kind} #${String(occurrence)}`;
  const because = why({ kind, status: becomes === 'waits' ? 'deferred' : 'not_sent', reason });
  const when = until === null ? '' : ` (looked at again ${minute(until)})`;
  return rowOf(COLUMNS, [nameOf(subject), email, becomes === 'goes' ? '' : `${because}${when}`]);
}

const count = (number: number, what: string): string => `${String(number)} ${what}${number === 1 ? '' : 's'}`;
const some = (number: number, what: string): string[] => (number === 0 ? [] : [`${String(number)} ${what}`]);
