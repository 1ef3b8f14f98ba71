import type { z } from 'zod';
import { pastTime } from '../times.js';
import {
  anything,
  block,
  entries,
  flag,
  identifier,
  isObject,
  listOf,
  readable,
  sameName,
  text,
  unreadable,
  unwrap,
  type Reading,
  type ReadingContext,
} from './reading.js';
import { meaning, RESULTS_STATUSES, wordOf } from './words.js';

/** What `results/kit/{barcode}` tells: that results are there and reviewed, never what they are. */
export interface ResultsAnswer {
  readonly available: boolean;
  /** ms; null where no time came. */
  readonly availableAt: number | null;
  readonly reviewed: boolean;
  /** ms */
  readonly reviewedAt: number | null;
  /** Whether a human should look first: anything but a list of normal, unflagged results counts as flagged. */
  readonly flagged: boolean;
  readonly unknownStatus: boolean;
}

/** One biomarker: of its value nothing is read, and of what is read nothing but one yes or no goes further. */
const biomarker = block({ status: text, flags: anything });

/** Whether there is a value; what it is is not looked at. */
const isThere = anything.transform((value) => value !== undefined && value !== null);

/** The reference's set of results, and the OpenAPI's single test (which has no `results` in it). */
const resultsBlock = block({
  kit_barcode: identifier,
  status: text,
  completed_at: text,
  created_at: text,
  results: entries.nullable().catch(null),
  result_value: isThere,
  physician_review: block({ reviewed: flag, reviewed_at: text }),
});
type ResultsBlock = NonNullable<z.infer<typeof resultsBlock>>;

const NO_RESULTS: ResultsAnswer = {
  available: false,
  availableAt: null,
  reviewed: false,
  reviewedAt: null,
  flagged: false,
  unknownStatus: false,
};

/** Reads whether a kit's results are there: one set, a list of sets, or a list of single tests. */
export function readResults(body: unknown, barcode: string, { now, zone }: ReadingContext): Reading<ResultsAnswer> {
  const bare = unwrap(body);
  if (Array.isArray(bare) && bare.length === 0) return readable(NO_RESULTS);
  if (!Array.isArray(bare) && !isObject(bare)) return unreadable('unexpected_shape');

  const blocks = listOf(resultsBlock).parse(Array.isArray(bare) ? bare : [bare]);
  if (!blocks.some(isAboutResults)) return unreadable('unexpected_shape');
  if (!blocks.every((one) => sameName(one.kit_barcode, barcode))) return unreadable('another_subject');

  const states = blocks.map(stateOf);
  const reviews = blocks.flatMap(({ physician_review: review }) => (review?.reviewed === true ? [review] : []));
  // A set stands for itself; a list of single tests is done when none of them is still being worked on.
  const available = states.includes('there') && !states.includes('not_yet') && !states.includes('unknown');
  const past = (value: string | null): number | null => pastTime(value, now, zone);
  return readable({
    available,
    availableAt: available ? latest(blocks.map((one) => past(one.completed_at ?? one.created_at))) : null,
    reviewed: reviews.length > 0,
    reviewedAt: latest(reviews.map((review) => past(review.reviewed_at))),
    flagged: available && !blocks.every(isPlain),
    unknownStatus: states.includes('unknown'),
  });
}

const isAboutResults = (one: ResultsBlock): boolean =>
  one.status !== null || one.result_value || isSet(one) || one.physician_review !== null;

const isSet = (one: ResultsBlock): boolean => one.results !== null;

function stateOf(one: ResultsBlock): 'there' | 'not_yet' | 'unknown' {
  if (one.status === null) return one.result_value || (isSet(one) && one.completed_at !== null) ? 'there' : 'not_yet';
  return meaning(RESULTS_STATUSES, wordOf(one.status)) ?? 'unknown';
}

/** Every biomarker says `normal` and has an empty list of flags. Anything missing or odd counts as flagged. */
function isPlain({ results }: ResultsBlock): boolean {
  return results !== null && results.length > 0 && results.every(isPlainBiomarker);
}

function isPlainBiomarker(entry: unknown): boolean {
  const { status, flags } = biomarker.parse(entry) ?? { status: null, flags: null };
  return status !== null && wordOf(status) === 'normal' && Array.isArray(flags) && flags.length === 0;
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.max(...known);
}
