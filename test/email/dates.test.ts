import { describe, expect, test } from '@jest/globals';
import { createEmails } from '../../src/email/compose.js';
import { chooseLocale } from '../../src/email/wording/wording.js';
import { knownZone, readEstimate, writeDate } from '../../src/email/wording/dates.js';
import { BRAND, emailInput } from './fixtures.js';

const emails = createEmails({ brand: BRAND });
const at = Date.UTC(2024, 0, 17);

describe('dates', () => {
  test('are written in the reader’s zone and language', () => {
    const time = Date.UTC(2024, 0, 16, 2);
    const write = (region: string, zone: string) => writeDate(time, { region, zone, shape: 'date', at });
    expect(write('en', 'UTC')).toBe('January 16');
    expect(write('en', 'America/New_York')).toBe('January 15');
    expect(write('en-GB', 'UTC')).toBe('16\u00a0January');
    expect(write('de', 'UTC')).toBe('16.\u00a0Januar');
    expect(write('fr', 'UTC')).toBe('16\u00a0janvier');
    expect(write('es-MX', 'UTC')).toBe('16\u00a0de enero');
  });

  test('call the first of a month so in French, and no other day', () => {
    const write = (region: string, day: number) =>
      writeDate(Date.UTC(2024, 1, day), { region, zone: 'UTC', shape: 'day', at });
    expect(write('fr', 1)).toBe('jeudi 1er\u00a0février');
    expect(write('fr-CA', 21)).toBe('mercredi 21\u00a0février');
    expect(write('es', 1)).toBe('jueves, 1\u00a0de febrero');
    expect(write('en', 1)).toBe('Thursday, February 1');
  });

  test('have their year only where it isn’t this one', () => {
    const write = (time: number) => writeDate(time, { region: 'en', zone: 'UTC', shape: 'date', at });
    expect(write(Date.UTC(2023, 11, 31, 23))).toBe('December 31, 2023');
    expect(write(Date.UTC(2024, 0, 1, 1))).toBe('January 1');
  });

  test('of the calendar stay that date west of Greenwich', async () => {
    const person = { firstName: null, lastName: null, email: null, locale: 'en', zone: 'America/Los_Angeles' };
    const { text } = await emails.compose(emailInput({ kind: 'order.shipped', person }));
    expect(text).toContain('FedEx plans to deliver it on Thursday, January 18.');
  });

  test('that don’t exist are not told', () => {
    for (const wrong of ['2024-02-31', '2024-13-01', 'soon', '', '1970-01-01', '2999-01-01', '18/01/2024'])
      expect(readEstimate(wrong, 'UTC')).toBeNull();
    expect(readEstimate('2024-02-29', 'UTC')).not.toBeNull();
    expect(readEstimate('2024-01-18T17:00:00-05:00', 'UTC')?.time).toBe(Date.UTC(2024, 0, 18, 22));
  });

  test('in a zone that doesn’t exist are told in the default one', () => {
    expect(knownZone('Mars/Olympus', 'Europe/Madrid')).toBe('Europe/Madrid');
    expect(knownZone('Asia/Tokyo', 'UTC')).toBe('Asia/Tokyo');
    expect(knownZone(null, 'UTC')).toBe('UTC');
  });
});

describe('the language', () => {
  const choose = (wanted: string | null) => chooseLocale(wanted, ['en', 'es', 'fr', 'de'], 'es');
  test('is the person’s where we speak it, else the default', () => {
    expect(choose('fr')).toEqual({ locale: 'fr', region: 'fr' });
    expect(choose('en-GB')).toEqual({ locale: 'en', region: 'en-GB' });
    expect(choose('de_AT.UTF-8')).toEqual({ locale: 'de', region: 'de-AT' });
    for (const other of [null, '', 'pt-BR', 'klingon', '<b>', 'x'.repeat(500), '-', 'en_'])
      expect(['en', 'es']).toContain(choose(other).locale);
    expect(choose('pt-BR').locale).toBe('es');
  });
});
