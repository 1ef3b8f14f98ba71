import { isOfResults, type Kind } from '../../domain/kinds.js';
import type { SubjectAnswer } from '../../ledger/ledger.js';

/** What is not as it should be, each in a sentence; empty when all is. */
export type Faults = (story: SubjectAnswer) => string[];

const sentKinds = (story: SubjectAnswer): Kind[] =>
  story.notifications.filter(({ status }) => status === 'sent').map(({ kind }) => kind);

/** The checks of every kit: the state, every email settled, none sent twice, each non-send with a reason. */
function commonFaults(story: SubjectAnswer, state: string): string[] {
  const sent = sentKinds(story);
  return [
    ...(story.state === state ? [] : [`its state is ${story.state}, not ${state}`]),
    ...(story.needsAttention === null ? [] : [`a person is asked: ${story.needsAttention}`]),
    ...sent.filter((kind, place) => sent.indexOf(kind) !== place).map((kind) => `${kind} was sent twice`),
    ...story.notifications
      .filter(({ status, reason }) => status !== 'sent' && (status !== 'not_sent' || reason === null))
      .map(({ kind, status }) => `${kind} is ${status}`),
    ...story.webhooks
      .filter(({ status }) => status !== 'relayed')
      .map(({ event, status }) => `${event ?? '?'} is ${status}`),
  ];
}

/** @param expected exactly these were sent. */
export function faultsOf(state: string, expected: readonly Kind[]): Faults {
  return (story) => {
    const sent = sentKinds(story);
    return [
      ...commonFaults(story, state),
      ...expected.filter((kind) => !sent.includes(kind)).map((kind) => `${kind} was not sent`),
      ...sent.filter((kind) => !expected.includes(kind)).map((kind) => `${kind} was sent`),
    ];
  };
}

/** What overtook what depends on the moment; that the results were told, and all repeats noticed, does not. */
export function faultsOfShuffled(webhooks: number): Faults {
  return (story) => {
    const repeats = story.webhooks.reduce((sum, { duplicates }) => sum + duplicates, 0);
    const told = sentKinds(story).some(isOfResults);
    return [
      ...commonFaults(story, 'results.reviewed'),
      ...(told ? [] : ['nobody was told that the results are there']),
      ...(repeats === webhooks ? [] : [`${String(repeats)} repeats were noticed, not ${String(webhooks)}`]),
    ];
  };
}
