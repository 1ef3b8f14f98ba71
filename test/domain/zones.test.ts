import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from '../support/properties.js';
import type { Database } from '../../src/database/database.js';
import type { Fact } from '../../src/domain/facts.js';
import { traceOf } from '../../src/domain/people.js';
import { zoneOfFacts } from '../../src/domain/zones.js';
import { startDatabases, type TestDatabases } from '../support/databases.js';
import { newLedger, newSealing, person, seen, T0 } from '../ledger/support.js';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo'];

/** Somebody whom a webhook or an operator named, about the kit or its order. */
const naming = fc.record({
  about: fc.constantFrom('kit', 'order'),
  email: fc.constantFrom('a@example.com', 'b@example.com', 'B@Example.com', null),
  firstName: fc.constantFrom('Jane', 'Joe', null),
  zone: fc.constantFrom(...ZONES, null),
  minute: fc.integer({ min: 0, max: 4 }),
  byOperator: fc.boolean(),
});

describe('a rehearsal keeps to the zone that the sender keeps to', () => {
  let databases: TestDatabases;
  let database: Database;
  beforeAll(async () => {
    databases = await startDatabases('pglite');
    database = await databases.fresh();
  });
  afterAll(() => databases.stop());

  test('whoever was named, when, in whatever order, and corrected by whomever', async () => {
    const sealing = newSealing();
    const ledger = newLedger(database, sealing);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(naming, { minLength: 1, maxLength: 7 }), async (namings) => {
        const [kit, order] = [`kit:${String(++run)}`, `order:${String(run)}`];
        await database.query('insert into links (order_number, barcode) values ($1, $1)', [String(run)]);
        const facts: Fact[] = [];
        for (const { about, email, firstName, zone, minute, byOperator } of namings) {
          const [subject, role] = about === 'kit' ? [kit, 'patient' as const] : [order, 'recipient' as const];
          const named = person({ email, firstName, zone });
          const at = T0 + minute * 60_000;
          const source = byOperator ? 'operator' : 'c4hxp';
          const seq = await seen(database, sealing, { subject, role, person: named, at, source });
          facts.push({
            seq,
            event: byOperator ? 'operator.correct_contact' : about === 'kit' ? 'kit.registered' : 'order.created',
            cause: byOperator ? `operator:${String(seq)}` : `wh_${String(seq)}`,
            receivedAt: at,
            at,
            person: traceOf(named, role, sealing.hash),
            ...(byOperator ? { command: { subject } } : about === 'order' ? { order: String(run) } : {}),
          });
        }
        for (const [subject, audience] of [
          [kit, 'patient'],
          [order, 'recipient'],
        ] as const) {
          const contact = await ledger.contactFor(subject, audience);
          // Nobody is written to where no address is known, so that no zone matters.
          if (contact !== null) expect(zoneOfFacts({ subject, audience }, facts)).toBe(contact.person.zone);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('an order’s email keeps to the zone of that order’s recipient, where a kit was in two', () => {
    const recipient = (seq: number, order: string, zone: string): Fact => ({
      seq,
      event: 'order.created',
      cause: `wh_${String(seq)}`,
      receivedAt: T0 + seq,
      at: T0 + seq,
      order,
      person: { role: 'recipient', hasContact: true, name: null, address: String(seq), zone },
    });
    const facts = [recipient(1, 'A', 'Asia/Tokyo'), recipient(2, 'B', 'Europe/Berlin')];
    expect(zoneOfFacts({ subject: 'order:A', audience: 'recipient' }, facts)).toBe('Asia/Tokyo');
    expect(zoneOfFacts({ subject: 'kit:1', audience: 'patient' }, facts)).toBe('Europe/Berlin');
  });
});
