import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAudit, type Audit, type AuditEntry, type AuditQuery } from '../../src/access/audit.js';
import type { Database } from '../../src/database/database.js';
import { newSealing } from '../ledger/support.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';

describe('the audit', () => {
  let databases: TestDatabases;
  let database: Database;
  let audit: Audit;
  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
    audit = createAudit(database, newSealing());
  });
  beforeEach(() => database.query('truncate audit restart identity'));
  afterAll(() => databases.stop());

  const T0 = Date.UTC(2026, 2, 3, 14, 2);
  const JANE = { name: 'jane', role: 'support', via: 'session' } as const;
  const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
    actor: JANE,
    act: 'told',
    subject: 'kit:123456789012',
    at: T0,
    sender: '10.0.0.7',
    outcome: 'done',
    reason: null,
    ...over,
  });
  const page = (over: Partial<AuditQuery> = {}) =>
    audit.page({ subject: null, who: null, since: null, before: null, limit: 50, ...over });

  test('says who, what, when, from where and how it ended, newest first', async () => {
    await audit.write([entry(), entry({ act: 'skip', at: T0 + 1_000, outcome: 'nothing_to_skip' })]);
    const { entries, next } = await page();
    expect(next).toBeNull();
    expect(entries).toMatchObject([
      { act: 'skip', outcome: 'nothing_to_skip' },
      { at: '2026-03-03T14:02:00.000Z', who: 'jane', role: 'support', via: 'session', act: 'told', from: '10.0.0.7' },
    ]);
  });

  test('finds by whom, by whose kit and since when', async () => {
    await audit.write([
      entry(),
      entry({ subject: 'kit:999999999999' }),
      entry({ actor: { ...JANE, name: 'omar' }, at: T0 + 1_000 }),
      entry({ subject: null, act: 'list' }),
    ]);
    expect((await page({ subject: 'kit:123456789012' })).entries).toHaveLength(2);
    expect((await page({ who: 'omar' })).entries.map(({ who }) => who)).toEqual(['omar']);
    expect((await page({ since: T0 + 1 })).entries).toHaveLength(1);
  });

  test('says why somebody looked behind a mask, by codes and the number of a case alone', async () => {
    await audit.write([entry({ act: 'unmask', reason: 'address:complaint DSR-1234' })]);
    expect((await page()).entries[0]?.reason).toBe('address:complaint DSR-1234');
    await expect(audit.write([entry({ reason: 'Zoë Müller called' })])).rejects.toThrow(/check/);
  });

  test('holds no barcode, only its keyed hash', async () => {
    await audit.write([entry()]);
    const [row] = await database.query('select a::text as text from audit a');
    expect(row?.['text']).not.toContain('123456789012');
  });

  test('comes in pages that miss nothing and repeat nothing', async () => {
    await audit.write(Array.from({ length: 5 }, (_, n) => entry({ at: T0 + n })));
    const first = await page({ limit: 3 });
    const second = await page({ limit: 3, before: first.next });
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
    expect(second.next).toBeNull();
  });

  test('is not changed once it is written', async () => {
    await audit.write([entry()]);
    await expect(database.query(`update audit set who = 'somebody else'`)).rejects.toThrow(/append-only/);
    expect((await page()).entries[0]?.who).toBe('jane');
  });
});
