import { saidWords } from './words-said.js';
import type { Scorecard, ScorecardEvent } from '../inbox/scorecard.js';

export const HEADINGS = [
  'event',
  'webhooks',
  'came again',
  'out of order',
  'median delay',
  '95 % within',
  'worst',
  'lost',
  'later than asked',
] as const;

const SPANS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** `seconds` as people say it: 0.4 s, 12 s, 3.5 min, 2.1 h, 4 d. */
export function span(seconds: number): string {
  const [size, unit] = SPANS.find(([least]) => seconds >= least) ?? [1, 's'];
  const value = seconds / size;
  return `${value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)} ${unit}`;
}

/** A row of the table, in the order of `HEADINGS`. */
export const columnsOf = ({ delay, ...one }: ScorecardEvent): readonly string[] => [
  one.event,
  String(one.webhooks),
  one.repetitions === 0 ? '0' : `${String(one.repeated)} (${String(one.repetitions)}×)`,
  String(one.outOfOrder),
  ...(delay === null ? ['–', '–', '–'] : [delay.p50, delay.p95, delay.worst].map(span)),
  String(one.lost),
  String(one.overtakenByAsking),
];

export const breakLine = ({ reason, quarantined, readInPart }: Scorecard['contractBreaks'][number]): string =>
  [
    `${reason}:`,
    [
      ...(quarantined === 0 ? [] : [`${String(quarantined)} could not be read`]),
      ...(readInPart === 0 ? [] : [`${String(readInPart)} read in part`]),
    ].join(', '),
  ].join(' ');

/** What the table doesn't say. */
export function summaryLines(card: Scorecard): readonly string[] {
  const { events, webhooks, answers, answersWithUnknownWords, unknownWords } = card;
  const sum = (what: 'repetitions' | 'altered' | 'idReused' | 'outOfOrder' | 'lost' | 'overtakenByAsking'): number =>
    events.reduce((total, event) => total + event[what], 0);
  const lost = sum('lost');
  return [
    `${String(webhooks)} webhooks; ${String(sum('repetitions'))} repetitions (retries and duplicates alike), of which some of ${String(sum('altered'))} had other bytes; ${String(sum('idReused'))} under an id that another one had.`,
    `${String(sum('outOfOrder'))} came after one that tells of a later moment of the same kit or order.`,
    `The API was asked and answered ${String(answers)} times; ${String(lost)} event${lost === 1 ? '' : 's'} learned from it never came as a webhook, ${String(sum('overtakenByAsking'))} came later. ${String(answersWithUnknownWords)} answers used words for a status that no page of C4HXP's has.`,
    ...(unknownWords.length === 0 ? [] : [`Words that are not known: ${saidWords(unknownWords)}.`]),
    'Delays are from the event’s own time to its arrival here, where an event tells one.',
  ];
}
