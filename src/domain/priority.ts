import type { FactBody, FactEvent } from './facts.js';

/** Which facts the relay takes first: the less, the sooner. */
const PRIORITY = { results: 1, news: 3, rest: 5 } as const;

const RESULTS: readonly FactEvent[] = ['results.available', 'results.reviewed'];
/** Nobody is written to because of these alone. */
const QUIET: readonly FactEvent[] = ['order.created', 'kit.processing_completed', 'mail.delivered'];

/** Results first, and with them what a waiting human asked for; then what is news to a patient; then the rest. */
export function priorityOf({ event, learned = [] }: Pick<FactBody, 'event' | 'learned'>): number {
  if (event.startsWith('operator.') || [event, ...learned.map((one) => one.event)].some((one) => RESULTS.includes(one)))
    return PRIORITY.results;
  return QUIET.includes(event) ? PRIORITY.rest : PRIORITY.news;
}
