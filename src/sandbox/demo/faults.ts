import { isOfResults } from '../../domain/kinds.js';
import type { SubjectAnswer, ToldNotification } from '../../ledger/ledger.js';

/** What is not as it should be, each in a sentence; empty when all is. */
export type Faults = (story: SubjectAnswer) => string[];

/** How the demo calls an email: by its kind, and by its number where it isn't the first of its kind. */
export const emailName = ({ kind, occurrence }: Pick<ToldNotification, 'kind' | 'occurrence'>): string =>
  occurrence === 1 ? kind : `${kind} ${String(occurrence)}`;

const sentOf = (story: SubjectAnswer): ToldNotification[] =>
  story.notifications.filter(({ status }) => status === 'sent');

/** The checks of every kit: the state, every email settled, none sent twice, each non-send with a reason. */
function commonFaults(story: SubjectAnswer, state: string): string[] {
  const sent = sentOf(story).map(emailName);
  return [
    ...(story.state === state ? [] : [`its state is ${story.state}, not ${state}`]),
    ...(story.needsAttention === null ? [] : [`a person is asked: ${story.needsAttention}`]),
    ...sent.filter((email, place) => sent.indexOf(email) !== place).map((email) => `${email} was sent twice`),
    ...story.notifications
      .filter(({ status, reason }) => status !== 'sent' && (status !== 'not_sent' || reason === null))
      .map((notification) => `${emailName(notification)} is ${notification.status}`),
    ...story.webhooks
      .filter(({ status }) => status !== 'relayed')
      .map(({ event, status }) => `${event ?? '?'} is ${status}`),
  ];
}

/** @param expected exactly these were sent, by the demo's names. */
export function faultsOf(state: string, expected: readonly string[]): Faults {
  return (story) => {
    const sent = sentOf(story).map(emailName);
    return [
      ...commonFaults(story, state),
      ...expected.filter((email) => !sent.includes(email)).map((email) => `${email} was not sent`),
      ...sent.filter((email) => !expected.includes(email)).map((email) => `${email} was sent`),
    ];
  };
}

/** Of a kit that gave no results: also why, and what was shipped after it. */
export function faultsOfFailed(
  { because, shippedLater }: Pick<SubjectAnswer, 'because' | 'shippedLater'>,
  expected: readonly string[],
): Faults {
  const others = faultsOf('failed', expected);
  return (story) => [
    ...others(story),
    ...(story.because === because
      ? []
      : [`it failed because: ${story.because ?? 'nobody knows'}, not ${because ?? ''}`]),
    ...shippedLater
      .filter((barcode) => !story.shippedLater.includes(barcode))
      .map((barcode) => `it doesn't name the kit ${barcode} that was shipped later`),
  ];
}

/** What overtook what depends on the moment; that the results were told, and all repeats noticed, does not. */
export function faultsOfShuffled(webhooks: number): Faults {
  return (story) => {
    const repeats = story.webhooks.reduce((sum, { duplicates }) => sum + duplicates, 0);
    const told = sentOf(story).some(({ kind }) => isOfResults(kind));
    return [
      ...commonFaults(story, 'results.reviewed'),
      ...(told ? [] : ['nobody was told that the results are there']),
      ...(repeats === webhooks ? [] : [`${String(repeats)} repeats were noticed, not ${String(webhooks)}`]),
    ];
  };
}
