import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { wordsFinding } from '../../src/cli/doctor-checks.js';
import { countUnknownWords, listUnknownWords } from '../../src/ledger/unknown-words.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { DAY } from '../support/facts.js';
import { T0 } from './support.js';

describe('words of the partner that no table has', () => {
  let databases: TestDatabases;
  let database: Database;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
  });
  beforeEach(() => database.query('truncate unknown_words'));
  afterAll(() => databases.stop());

  const beamed = { place: 'status', word: 'beamed_up' } as const;
  const odd = { place: 'sample_status', word: null } as const;

  test('are counted by answer and by where they stood, and doctor says so', async () => {
    expect(wordsFinding(await listUnknownWords(database))).toBe('all that its answers said is known');
    await countUnknownWords(database, [beamed, beamed, odd], T0);
    await countUnknownWords(database, [beamed], T0 + DAY);
    await countUnknownWords(database, [beamed], T0 - DAY);
    expect(await listUnknownWords(database)).toEqual([
      { ...beamed, answers: 3, firstAt: new Date(T0).toISOString(), lastAt: new Date(T0 + DAY).toISOString() },
      { ...odd, answers: 1, firstAt: new Date(T0).toISOString(), lastAt: new Date(T0).toISOString() },
    ]);
    expect(await listUnknownWords(database, new Date(T0 + 1))).toMatchObject([beamed]);
    expect(wordsFinding(await listUnknownWords(database))).toContain(
      'beamed_up in status (3×, last 2026-11-25), something that is no plain word in sample_status (1×, last 2026-11-24)',
    );
  });

  test('are kept up to a number, however many the partner makes up; those that are kept go on being counted', async () => {
    const made = Array.from(
      { length: 500 },
      (_, n) => ({ place: 'transit', word: `w_${'x'.repeat(n % 30)}_${'y'.repeat(n / 30)}` }) as const,
    );
    await countUnknownWords(database, made, T0);
    await countUnknownWords(database, [beamed, ...made.slice(0, 1)], T0 + 1);
    const kept = await listUnknownWords(database);
    expect([kept.length, kept[0]]).toEqual([500, expect.objectContaining({ word: made[0]?.word, answers: 2 })]);
    expect(wordsFinding(kept)).toContain('and 490 more');
  });
});
