import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { quietUntil } from '../../activities/quiet-hours.js';
import { createRehearse, type Rehearse } from '../../src/admin/rehearsal.js';
import { readSettings } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { journeyHistories } from '../../src/ledger/deliveries.js';
import { rehearse as replay } from '../../workflows/core/rehearse.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { createFacts, DAY, HOUR, patient, SECOND, START } from '../support/facts.js';

const NOW = START + 20 * DAY;

describe('a rehearsal', () => {
  let databases: TestDatabases;
  let database: Database;
  let rehearse: Rehearse;

  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    rehearse = createRehearse({
      settings: readSettings({}),
      journeyHistories: (page) => journeyHistories(database, page),
      replay,
      quietUntil,
      clock: () => NOW,
    });
    const make = createFacts();
    for (const name of ['A', 'B']) {
      const facts = [
        make.fact('kit.registered', 0, { person: patient('jane') }),
        make.fact('results.available', 3, { summary: 'a' }),
        make.fact('results.reviewed', name === 'A' ? 4 : 10),
      ];
      await database.query('insert into subjects (subject) values ($1)', [`kit:${name}`]);
      for (const { seq, ...fact } of facts)
        await database.query(
          'insert into deliveries (subject, seq, priority, facts, relayed_at) values ($1, $2, 3, $3::jsonb, now())',
          [`kit:${name}`, seq, JSON.stringify(fact)],
        );
    }
  });
  afterAll(() => databases.stop());

  const under = (set: Record<string, string>, more = {}) =>
    rehearse({ since: START, set, after: null, limit: 50, ...more });

  test('changes nothing under the settings in force', async () => {
    expect(await under({ RESULTS_RELEASE: 'available' })).toEqual({ journeys: 2, changes: [], next: null });
  });

  test('tells what would not have gone, and what would have gone later', async () => {
    const { changes } = await under({ RESULTS_RELEASE: 'reviewed' });
    expect(changes.map(({ subject, kind, now, then, why }) => [subject, kind, now, then, why])).toEqual([
      ['kit:A', 'results.available', START + 3 * DAY + SECOND, null, 'superseded'],
      ['kit:B', 'results.available', START + 3 * DAY + SECOND, START + 6 * DAY + SECOND, null],
    ]);
  });

  test('tells what would have gone beside', async () => {
    const { changes } = await under({ RETURN_REMINDER_AFTER: '1d' });
    expect(changes).toHaveLength(2);
    expect(changes[0]).toMatchObject({ kind: 'reminder.return', now: null, then: START + DAY + 2 * SECOND, why: null });
  });

  test('knows quiet hours', async () => {
    const { changes } = await under({ QUIET_HOURS: '08:00-12:00', DEFAULT_TIME_ZONE: 'UTC' });
    expect(changes[0]).toMatchObject({ kind: 'results.available', then: START + 3 * DAY + 3 * HOUR + SECOND });
  });

  test('leaves out what had gone before, and goes page by page', async () => {
    const set = { RESULTS_RELEASE: 'reviewed' };
    const { changes } = await under(set, { since: START + 5 * DAY });
    expect(changes.map(({ subject }) => subject)).toEqual(['kit:B']);
    const first = await under(set, { limit: 1 });
    expect(first).toMatchObject({ journeys: 1, next: 'kit:A' });
    expect(await under(set, { after: 'kit:A' })).toMatchObject({ journeys: 1, next: null });
  });

  test.each([
    [{ SMTP_URL: 'smtp://x' }, 'SMTP_URL can’t be rehearsed'],
    [{ RESULTS_RELEASE: 'never' }, 'RESULTS_RELEASE'],
    [{ NOTIFY_ON: 'kit.registered' }, 'must include all of results.available'],
  ])('refuses %j', async (set, sentence) => {
    await expect(under(set as unknown as Record<string, string>)).rejects.toThrow(sentence);
  });

  test('writes nothing', async () => {
    expect(await database.query('select * from notifications')).toEqual([]);
    expect(await database.query('select * from decisions')).toEqual([]);
  });
});
