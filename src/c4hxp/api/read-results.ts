import type { z } from 'zod';
import { pastTime } from '../times.js';
import {
  anything,
  block,
  entries,
  flag,
  identifier,
  isObject,
  readable,
  sameName,
  text,
  unreadable,
  unwrap,
  type Reading,
  type ReadingContext,
} from './reading.js';
import { wordOf } from './spelling.js';
import { HARMLESS, SET_STATUSES, TEST_STATUSES } from './words.js';

/** What `results/kit/{barcode}` tells: that results are there and reviewed, never what they are. */
export interface ResultsAnswer {
  /** It lists results, and every one of them is final. */
  readonly available: boolean;
  /** ms; null where no time came. */
  readonly availableAt: number | null;
  /** The latest `completed_at` (ms); null where none came. */
  readonly completedAt: number | null;
  readonly reviewed: boolean;
  /** ms */
  readonly reviewedAt: number | null;
  /** Whether a human should look first: true unless they are complete, and each by a word known to be harmless. */
  readonly flagged: boolean;
  /** Words outside the closed lists, as `place word`, sorted; of one that may be no word, only that it came. */
  readonly unknownWords: readonly string[];
}

/** Of a test's value nothing is read but whether there is one; of what is read nothing but yes or no goes further. */
const test = block({ status: text, flags: anything });
type Test = NonNullable<z.infer<typeof test>>;

/** Whether there is a value; what it is is not looked at. */
const isThere = anything.transform((value) => value !== undefined && value !== null);

/** The reference's set of results, and the OpenAPI's single test (which has no `results` in it). */
const resultsBlock = block({
  kit_barcode: identifier,
  status: text,
  flags: anything,
  completed_at: text,
  created_at: text,
  results: anything,
  test_code: identifier,
  result_value: isThere,
  physician_review: block({ reviewed: flag, reviewed_at: text }),
});
type ResultsBlock = NonNullable<z.infer<typeof resultsBlock>>;

/** Reads whether a kit's results are there: one set, a list of sets, or a list of single tests. */
export function readResults(body: unknown, barcode: string, { now, zone }: ReadingContext): Reading<ResultsAnswer> {
  const bare = hasNone(body) ? [] : unwrap(body);
  if (!Array.isArray(bare) && !isObject(bare)) return unreadable('unexpected_shape');

  const listed: readonly unknown[] = Array.isArray(bare) ? bare : [bare];
  const parsed = listed.map((one) => resultsBlock.parse(one));
  const blocks = parsed.filter((one) => one !== null);
  if (listed.length > 0 && !blocks.some(isAboutResults)) return unreadable('unexpected_shape');
  if (!blocks.every((one) => sameName(one.kit_barcode, barcode))) return unreadable('another_subject');

  const judged = blocks.map((one) => judge(one, Array.isArray(bare)));
  const available = parsed.length > 0 && parsed.length === blocks.length && judged.every(({ final }) => final);
  const reviews = blocks.flatMap(({ physician_review: review }) => (review?.reviewed === true ? [review] : []));
  const past = (value: string | null): number | null => pastTime(value, now, zone);
  return readable({
    available,
    availableAt: available ? latest(blocks.map((one) => past(one.completed_at ?? one.created_at))) : null,
    completedAt: available ? latest(blocks.map((one) => past(one.completed_at))) : null,
    reviewed: reviews.length > 0,
    reviewedAt: latest(reviews.map((review) => past(review.reviewed_at))),
    flagged: !(available && judged.every(({ harmless }) => harmless)),
    unknownWords: [
      ...new Set([
        ...(parsed.length === blocks.length ? [] : ['results unreadable']),
        ...judged.flatMap(({ unknown }) => unknown),
      ]),
    ].sort(),
  });
}

/** An envelope with nothing in it. */
const hasNone = (body: unknown): boolean => isObject(body) && body['data'] === null;

const isAboutResults = (one: ResultsBlock): boolean =>
  one.status !== null || one.result_value || one.results !== undefined || one.physician_review !== null;

interface Judgement {
  readonly final: boolean;
  readonly harmless: boolean;
  /** Words that are in no list. */
  readonly unknown: readonly string[];
}

const NOT_YET: Judgement = { final: false, harmless: false, unknown: [] };

/** Where a status should be may be a value of the patient's. */
const PLAIN = /^[a-z_]{1,40}$/;
const strange = (place: 'results' | 'result', status: string): string => {
  const word = wordOf(status);
  return `${place} ${PLAIN.test(word) ? word : 'odd'}`;
};

function judge(one: ResultsBlock, inList: boolean): Judgement {
  const { data: results } = entries.safeParse(one.results);
  if (results !== undefined) return judgeSet(one.status, results);
  if (isTest(one, inList)) return { ...judgeTest(one), harmless: isHarmless(one, one.flags === undefined) };
  return { ...NOT_YET, unknown: strangeSet(one.status) };
}

const strangeSet = (status: string | null): string[] =>
  status === null || SET_STATUSES.of(status) !== undefined ? [] : [strange('results', status)];

/** A set that came without its results is no test, whatever its word is. */
const isTest = (one: ResultsBlock, inList: boolean): boolean =>
  one.results === undefined &&
  (one.test_code !== null ||
    one.result_value ||
    (inList && one.completed_at === null && one.physician_review === null));

/** A set's word stands for the tests in it that have none, never against one that has. */
function judgeSet(status: string | null, results: readonly unknown[]): Judgement {
  const tests = results.map((entry) => test.parse(entry) ?? { status: null, flags: null });
  const own = status === null ? null : SET_STATUSES.of(status);
  const judged = tests.map((one) =>
    one.status === null && own === 'final' ? { ...NOT_YET, final: true } : judgeTest(one),
  );
  return {
    final: results.length > 0 && (own === 'final' || own === null) && judged.every(({ final }) => final),
    harmless: tests.every((one) => isHarmless(one, false)),
    unknown: [...strangeSet(status), ...judged.flatMap(({ unknown }) => unknown)],
  };
}

function judgeTest({ status }: Test): Judgement {
  if (status === null) return NOT_YET;
  const known = TEST_STATUSES.of(status);
  return { ...NOT_YET, final: known === 'final', unknown: known === undefined ? [strange('result', status)] : [] };
}

/** `flagless`: its shape has no flags, so that only a word that needs none is harmless. */
function isHarmless({ status, flags }: Test, flagless: boolean): boolean {
  const harmless = status === null ? undefined : HARMLESS.of(status);
  if (flagless) return harmless === 'harmless';
  return harmless !== undefined && Array.isArray(flags) && flags.length === 0;
}

function latest(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.max(...known);
}
