import type { Arrival } from '../domain/arrivals.js';
import type { Selection, WebhookSummary } from '../inbox/webhooks.js';
import { whyUnread } from '../inbox/why-unread.js';
import type { EmailOutlook, Outlook } from './outlook.js';
import type { Webhooks } from './ports.js';
import { Problem } from './problems.js';

/** What became of one webhook, or would become of it. */
type Outcome = 'accepted' | 'known_already' | 'still_quarantined' | 'body_expired';

export interface ReplayedWebhook {
  readonly seq: number;
  readonly id: string;
  readonly event: string | null;
  readonly receivedAt: Date;
  readonly outcome: Outcome;
  /** Why it still can't be read; null where it can. */
  readonly reason: string | null;
}

export interface ReplayPage {
  readonly webhooks: readonly ReplayedWebhook[];
  /** `after` of the next page; null when this is the last. */
  readonly next: number | null;
}

export interface RehearsedPage extends ReplayPage {
  /** With the last page: what would become of the emails that all pages' webhooks call for. Empty before it. */
  readonly emails: readonly EmailOutlook[];
}

interface Ports {
  readonly webhooks: Webhooks;
  readonly outlook: Outlook;
}

/** What would become of one webhook if it were replayed now; null where a replay changes nothing. */
export async function ifReplayed({ webhooks, outlook }: Ports, { seq, status, reason }: WebhookSummary) {
  if (status !== 'quarantined') return null;
  const reread = await webhooks.reread(seq);
  if (reread.outcome === 'read_before' || reread.outcome === 'not_found') return null;
  const unread = reread.outcome === 'still_quarantined' ? reread.reason : null;
  const arrival = reread.outcome === 'accepted' ? reread.arrival : null;
  return {
    outcome: reread.outcome,
    reason: reread.outcome === 'body_expired' ? reason : (unread ?? arrival?.reason ?? null),
    why: whyUnread(unread ?? arrival?.reason ?? null),
    event: arrival?.event ?? null,
    subjects: arrival?.routed.map(({ subject }) => subject) ?? [],
    emails: arrival === null ? [] : await outlook([arrival]),
  };
}

/** Whether a replay would change anything, by what `ifReplayed` foretells; `replayOne` refuses the others. */
export const isWorthReplaying = ({ outcome }: { readonly outcome: Outcome }): boolean =>
  outcome === 'accepted' || outcome === 'known_already';

/** Every arrival under an id, the newest first. @throws Problem 404 */
export async function webhooksOfId(webhooks: Webhooks, id: string): Promise<[WebhookSummary, ...WebhookSummary[]]> {
  const [newest, ...older] = await webhooks.show(id);
  if (newest === undefined) throw new Problem(404, 'not_found', 'There is no webhook with that id.');
  return [newest, ...older];
}

/**
 * Sends one webhook through the way again: the newest under its id, or the one with this `seq`.
 * @throws Problem 404, 409 where it still can't be read, 410 where its body is gone
 */
export async function replayOne(webhooks: Webhooks, id: string, seq: number | undefined) {
  const all = await webhooksOfId(webhooks, id);
  const meant = seq === undefined ? all[0] : all.find((one) => one.seq === seq);
  if (meant === undefined) throw new Problem(404, 'not_found', 'There is no such webhook under that id.');
  const replayed = await webhooks.replay(meant.seq);
  switch (replayed.outcome) {
    case 'accepted':
    case 'known_already':
      return { id: meant.id, ...replayed };
    case 'still_quarantined':
      throw new Problem(409, 'still_quarantined', `It still can’t be read: ${replayed.reason ?? 'unknown'}.`);
    case 'body_expired':
      throw new Problem(410, 'body_expired', 'Its body is not kept any more.');
    case 'not_found':
      throw new Problem(404, 'not_found', 'There is no such webhook.');
  }
}

/**
 * What replaying what is in quarantine would come to, page by page; changes nothing. What a webhook calls for depends on
 * all that would be known by then, so emails are foretold once, over the whole selection, when its end is reached.
 */
export async function rehearseReplays({ webhooks, outlook }: Ports, selection: Selection): Promise<RehearsedPage> {
  const { page, readable } = await reread(webhooks, selection);
  if (page.next !== null) return { ...page, emails: [] };
  const before = selection.after === undefined ? [] : await readableUpTo(webhooks, selection);
  return { ...page, emails: await outlook([...before, ...readable]) };
}

/** Reads a page of what is in quarantine again. */
async function reread(webhooks: Webhooks, selection: Selection): Promise<{ page: ReplayPage; readable: Arrival[] }> {
  const readable: Arrival[] = [];
  const page = await eachOf(webhooks, selection, async ({ seq }) => {
    const again = await webhooks.reread(seq);
    // Not the bytes: of thousands of webhooks they would fill the memory, and nobody asks for them.
    if (again.outcome === 'accepted') readable.push({ ...again.arrival, raw: Buffer.alloc(0) });
    return again;
  });
  return { page, readable };
}

/** What can be read by now of all that comes before this page. */
async function readableUpTo(webhooks: Webhooks, { after = 0, ...selection }: Selection): Promise<Arrival[]> {
  const found: Arrival[] = [];
  let next: number | null = 0;
  while (next !== null && next < after) {
    const { page, readable } = await reread(webhooks, { ...selection, after: next });
    found.push(...readable);
    next = page.next;
  }
  return found;
}

/**
 * Replays a page of what is in quarantine, the oldest first. Each is committed by itself: whoever was interrupted asks
 * again, and finds what is left.
 */
export const replayAll = ({ webhooks }: Ports, selection: Selection): Promise<ReplayPage> =>
  eachOf(webhooks, selection, ({ seq }) => webhooks.replay(seq));

async function eachOf(
  webhooks: Webhooks,
  selection: Selection,
  work: (webhook: WebhookSummary) => Promise<{ readonly outcome: string; readonly reason?: string | null }>,
): Promise<ReplayPage> {
  const found = await webhooks.select({ ...selection, limit: selection.limit + 1 });
  const page = found.slice(0, selection.limit);
  const done: ReplayedWebhook[] = [];
  for (const webhook of page) {
    const { outcome, reason = null } = await work(webhook);
    // Somebody else was faster.
    if (!isOutcome(outcome)) continue;
    const { seq, id, event, receivedAt } = webhook;
    done.push({ seq, id, event, receivedAt, outcome, reason });
  }
  return { webhooks: done, next: found.length > page.length ? (page.at(-1)?.seq ?? null) : null };
}

const OUTCOMES: readonly string[] = ['accepted', 'known_already', 'still_quarantined', 'body_expired'];
const isOutcome = (outcome: string): outcome is Outcome => OUTCOMES.includes(outcome);
