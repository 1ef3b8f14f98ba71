import { describe, expect, test } from '@jest/globals';
import { ASKED_FOR, QUESTION_RANKS, TRIED_FOR, type QuestionRank } from '../../../src/domain/partner-calls.js';
import { simulate } from '../../../workflows/core/simulate.js';
import { createFacts, DAY, HOUR, MINUTE, patient, SECOND, SETTINGS, START } from '../../support/facts.js';

/** Ten thousand kits registered in one hour; played by one in ten of them, at a tenth of the partner's limits. */
const KITS = 10_000;
const SCALE = 10;
/** The partner's limits, and what is ours of them beside others with the same key (src/ledger/partner-calls.ts). */
const WINDOWS = [
  { ms: MINUTE, most: 50 },
  { ms: HOUR, most: 1_000 },
  { ms: DAY, most: 10_000 },
];
const OURS = 0.9;
/** What else is asked meanwhile, of the first rank: about results. */
const OTHERS_PER_HOUR = 50;

interface Asked {
  readonly at: number;
  readonly why: string;
  readonly rank: QuestionRank;
}

/** What the journeys of these kits ask in their first weeks, by their own clocks, of a partner who knows nothing new. */
function questionsOf(kits: number): Asked[] {
  const questions: Asked[] = [];
  for (let kit = 0; kit < kits; kit += 1) {
    const subject = `kit:XP${String(48_213_377 + 7 * kit)}`;
    const { fact } = createFacts(subject);
    const at = START + Math.floor((kit / kits) * HOUR);
    simulate({
      subject,
      settings: SETTINGS,
      facts: [{ ...fact('kit.registered', 0, { person: patient('jane') }), at, receivedAt: at }],
      until: START + 14 * DAY,
      answer: ({ why, rank }, now) => {
        questions.push({ at: now, why, rank });
        return { outcome: 'unchanged', after: SECOND };
      },
    });
  }
  return questions;
}

const others = (from: number, until: number): Asked[] =>
  Array.from({ length: Math.floor((until - from) / HOUR) * (OTHERS_PER_HOUR / SCALE) }, (_, index) => ({
    at: from + Math.floor((index * HOUR) / (OTHERS_PER_HOUR / SCALE)),
    why: 'no_contact',
    rank: 'first' as const,
  }));

interface Request extends Asked {
  readonly through: number;
  /** Whether its question was answered by it. */
  readonly answers: boolean;
}

/**
 * When each is let through: the most pressing first, and of these the one that was asked first. A kit's question takes
 * two requests, as where its own answer says nothing of its way: the second is of the first rank, and where even that
 * finds no room the question waits again, and begins anew.
 */
function letThrough(questions: readonly Asked[]): Request[] {
  const coming = [...questions].sort((a, b) => a.at - b.at);
  const through: Request[] = [];
  let waiting: Asked[] = [];
  const hasRoom = (rank: QuestionRank, now: number): boolean =>
    WINDOWS.every(({ ms, most }) => {
      const room = Math.max(1, Math.floor((most * OURS * QUESTION_RANKS[rank].share) / SCALE));
      const oldest = through.at(-room);
      return oldest === undefined || oldest.through <= now - ms;
    });
  /** Whether it was answered. */
  const request = (question: Asked, now: number): boolean => {
    const isOne = question.why === 'no_contact';
    through.push({ ...question, through: now, answers: isOne });
    if (isOne || !hasRoom('first', now)) return isOne;
    through.push({ ...question, through: now, answers: true });
    return true;
  };
  for (let now = coming[0]?.at ?? 0; coming.length > 0 || waiting.length > 0; now += MINUTE / 2) {
    while (coming[0] !== undefined && coming[0].at <= now) waiting.push(coming.shift() as Asked);
    for (const rank of ['first', 'usual', 'last'] as const) {
      const again: Asked[] = [];
      const [mine, rest] = [waiting.filter((one) => one.rank === rank), waiting.filter((one) => one.rank !== rank)];
      let next = mine.shift();
      while (next !== undefined && hasRoom(rank, now)) {
        if (!request(next, now)) again.push(next);
        next = mine.shift();
      }
      waiting = [...rest, ...again, ...(next === undefined ? [] : [next]), ...mine];
    }
  }
  return through;
}

describe('ten thousand kits that are registered in one hour', () => {
  const asked = questionsOf(KITS / SCALE);

  test('ask before their reminder and a week later, over hours, and a kit always at its own time', () => {
    const whys = new Set(asked.map(({ why, rank }) => `${why} ${rank}`));
    expect(whys).toEqual(new Set(['before_reminder usual', 'silence last']));
    for (const why of ['before_reminder', 'silence']) {
      const times = asked.filter((one) => one.why === why).map(({ at }) => at);
      expect(times).toHaveLength(KITS / SCALE);
      for (let from = Math.min(...times); from < Math.max(...times); from += HOUR)
        expect(times.filter((at) => at >= from && at < from + HOUR).length).toBeLessThan(KITS / SCALE / 3);
    }
  });

  test('are asked about within the partner’s limits, each before its question ends, and what is pressing at once', () => {
    const from = Math.min(...asked.map(({ at }) => at)) - DAY;
    const through = letThrough([...asked, ...others(from, START + 20 * DAY)]);
    const answered = through.filter(({ answers, rank }) => answers && rank !== 'first');
    expect(answered).toHaveLength(asked.length);
    const waits = (why: string): number =>
      Math.max(...through.filter((one) => one.answers && one.why === why).map(({ at, through: then }) => then - at));
    // Longer than a question is tried, which is why its day begins when there is room.
    expect(waits('before_reminder')).toBeGreaterThan(TRIED_FOR);
    for (const why of ['before_reminder', 'silence']) expect(waits(why)).toBeLessThan(ASKED_FOR - TRIED_FOR);
    expect(waits('no_contact')).toBeLessThanOrEqual(2 * MINUTE);
    for (const { ms, most } of WINDOWS)
      for (const { through: end } of through.filter((_, index) => index % 50 === 0))
        expect(through.filter(({ through: then }) => then > end - ms && then <= end).length).toBeLessThanOrEqual(
          most / SCALE,
        );
  });
});
