import { MINUTE } from '../../src/domain/durations.js';
import { isOfResults, type Kind } from '../../src/domain/kinds.js';
import type { Notification } from '../core/knowledge.js';
import type { Story, StoryEvent } from '../core/story.js';

const isAboutResults = (kind: Kind | undefined): boolean => kind === undefined || isOfResults(kind);

/** The patient knows of results by this row: by our email as far as we can know, or by an operator. */
const tells = (notification: Notification): boolean =>
  ['sent', 'delivered', 'complained'].includes(notification.status) ||
  notification.reason === 'already_told' ||
  notification.reason === 'operator_skipped';

/** Whether the first word of results has been told. One that an operator had to send anew went astray. */
export function resultsTold(story: Story): boolean {
  const astray = story
    .ownCommands('operator.correct_contact')
    .filter(({ fact: { command } }) => command?.resend === true && isAboutResults(command.kind));
  const since = astray.at(-1)?.seq ?? 0;
  return story.notifications.some((one) => isOfResults(one.kind) && tells(one) && one.upTo >= since);
}

/**
 * Up to which fact the first word covers: at that hand-over the portal showed all that had come. Null while no first
 * word has been told; what comes until then is part of it.
 */
function covered(story: Story): number | null {
  const words = story
    .notificationsOf('results.available', 'results.reviewed')
    .filter((notification) => tells(notification) || notification.status === 'unknown');
  return words.length === 0 ? null : Math.min(...words.map(({ covers }) => covers));
}

/**
 * The corrected results: a summary never seen for this kit, and not older by its own time than the one told. A first
 * summary where none was known is not another. What has a row already stays one.
 */
export function updates(story: Story): StoryEvent[] {
  const upTo = covered(story);
  const sources = new Set(story.notificationsOf('results.updated').map((notification) => notification.source));
  const available = story.all('results.available');
  const before = available.filter(({ seq }) => upTo !== null && seq <= upTo);
  const seen = new Set(before.flatMap(({ fact }) => fact.summary ?? []));
  const toldAt = Math.max(...before.map(({ at }) => at), 0);
  const found: StoryEvent[] = [];
  for (const event of available) {
    if (sources.has(event.seq)) found.push(event);
    const summary = event.fact.summary;
    if (upTo === null || summary === undefined || seen.has(summary)) continue;
    const isFirst = seen.size === 0;
    seen.add(summary);
    if (!isFirst && event.at >= toldAt && !sources.has(event.seq)) found.push(event);
  }
  return found;
}

/** Completed so much later, results are others than those that were told. */
const SAME_COMPLETION = MINUTE;

/**
 * Results that were completed anew after the patient was told of them, without another summary: it may be that something
 * has changed, and nobody says what. Where no time of completion was told, nothing is compared.
 */
export function amendment(story: Story): StoryEvent | undefined {
  const words = story.notifications.filter((one) => isOfResults(one.kind) && tells(one));
  const covers = Math.max(0, ...words.map((one) => one.covers));
  const available = story.all('results.available');
  const told = available.filter(({ seq }) => seq <= covers);
  const completed = told.flatMap(({ fact }) => fact.completedAt ?? []);
  if (completed.length === 0) return undefined;
  const summaries = new Set(told.map(({ fact }) => fact.summary));
  return available.find(
    ({ seq, fact: { completedAt, summary } }) =>
      seq > covers &&
      (summary === undefined || summaries.has(summary)) &&
      completedAt !== undefined &&
      completedAt > Math.max(...completed) + SAME_COMPLETION,
  );
}

/** The corrected versions that the patient has been told of, each with the newest fact that was known then. */
export const toldUpdates = (story: Story): { readonly update: StoryEvent; readonly covers: number }[] =>
  updates(story).flatMap((update) => {
    const told = story.notificationsOf('results.updated').find((one) => one.source === update.seq && tells(one));
    return told === undefined ? [] : [{ update, covers: told.covers }];
  });

const isNewer = (a: StoryEvent, b: { readonly at: number; readonly seq: number }): boolean =>
  a.at > b.at || (a.at === b.at && a.seq > b.seq);

/** Whether a corrected version came after this one. */
export const updatedSince = (story: Story, moment: { readonly at: number; readonly seq: number }): boolean =>
  updates(story).some((update) => isNewer(update, moment));

/** Whether a doctor has looked at these results, or at newer ones. */
const reviewedSince = (story: Story, at: number): boolean =>
  story.all('results.reviewed').some((review) => review.at >= at);

/** Whether these results must wait for a human to look at them first; unknown flags count as flagged. */
function mustBeReviewed(story: Story): boolean {
  const release = story.settings.resultsRelease;
  if (release !== 'available_unless_flagged') return release === 'reviewed';
  const newest = story
    .all('results.available')
    .sort((a, b) => a.at - b.at || a.seq - b.seq)
    .at(-1);
  return newest?.fact.needsReview !== false;
}

/** Until when results are held for review (ms); null where they aren't. A corrected version needs a review of its own. */
export function heldUntil(
  story: Story,
  { at, receivedAt }: { readonly at: number; readonly receivedAt: number },
): number | null {
  return reviewedSince(story, at) || !mustBeReviewed(story) ? null : receivedAt + story.settings.resultsMaxHold;
}
