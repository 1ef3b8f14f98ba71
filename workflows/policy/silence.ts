import { DAY } from '../../src/domain/durations.js';
import { eventsWhereSilence } from '../../src/domain/events.js';
import type { Question } from '../core/knowledge.js';
import type { Story } from '../core/story.js';
import { sampleDue } from './timers.js';

/** Over how long the pauses between two questions double, and how long is asked at all: by what is waited for. */
const SAMPLE = { first: 7 * DAY, longest: 30 * DAY, for: 180 * DAY };
const RESULTS = { longest: 7 * DAY };
/** Results may come after a cancellation or a failure, and are told then. */
const AFTERLIFE = 60 * DAY;

/** What silence means at this moment: what is waited for, and how long it may be waited. */
export interface Silence {
  readonly awaits: 'sample' | 'results';
  /** From when on nobody waits any longer (ms); null: until results come. */
  readonly endsAt: number | null;
}

/** Null where nothing is waited for: nobody has registered the kit, or its results have come. */
export function silence(story: Story): Silence | null {
  if (!story.isKits || story.has(...eventsWhereSilence('ends'))) return null;
  const isAtLab = story.has(...eventsWhereSilence('awaits_results'));
  if (!isAtLab && !story.has(...eventsWhereSilence('awaits_sample'))) return null;
  if (story.has(...eventsWhereSilence('fades'))) return { awaits: 'results', endsAt: lastNews(story) + AFTERLIFE };
  return isAtLab ? { awaits: 'results', endsAt: null } : { awaits: 'sample', endsAt: lastNews(story) + SAMPLE.for };
}

/** Whether silence is asked about at this moment. */
export function asksInSilence(story: Story): boolean {
  const now = silence(story);
  return now !== null && story.settings.silenceAfter !== null && (now.endsAt === null || story.now < now.endsAt);
}

/** A question about silence that would be the next. */
export interface NextInSilence {
  /** ms */
  readonly at: number;
  /** Whether it is the first since the last news. */
  readonly isFirst: boolean;
  /** From now on it may be asked again and again by itself, this often (ms); absent: the pauses still grow. */
  readonly again?: number;
}

/**
 * The next question about silence. Until the sample comes: when it should have come, a week later, and then at doubling
 * intervals up to a month. Until results: SILENCE_AFTER after the last news, and then at doubling intervals up to a week.
 */
export function nextInSilence(story: Story): NextInSilence | null {
  const { silenceAfter } = story.settings;
  const present = silence(story);
  if (present === null || silenceAfter === null) return null;
  const news = lastNews(story);
  const since = story.known.questions.filter(({ askedAt }) => askedAt > news);
  if (present.awaits === 'results')
    return after(news, since, { first: silenceAfter, longest: Math.max(RESULTS.longest, silenceAfter) });
  const due = sampleDue(story) ?? news;
  if (due <= news) return after(news, since, SAMPLE);
  const [first, ...others] = since.filter(({ askedAt }) => askedAt >= due);
  return first === undefined ? { at: due, isFirst: true } : { ...after(first.askedAt, others, SAMPLE), isFirst: false };
}

/** A pause after `start`, or after the last that was asked since: each twice as long as the one before. */
function after(
  start: number,
  asked: readonly Question[],
  { first, longest }: { readonly first: number; readonly longest: number },
): NextInSilence {
  const pause = Math.min(first * 2 ** asked.length, longest);
  return {
    at: (asked.at(-1)?.askedAt ?? start) + pause,
    isFirst: asked.length === 0,
    ...(pause < longest ? {} : { again: pause }),
  };
}

/** When something was heard of the kit last (ms): by its arrival. */
export const lastNews = (story: Story): number => Math.max(...story.news.map(({ receivedAt }) => receivedAt));
