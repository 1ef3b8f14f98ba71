import { describe, expect, test } from '@jest/globals';
import { createEmails } from '../../src/email/compose.js';
import { ODD_CASES, USUAL_CASES } from '../../src/sandbox/gallery/cases.js';
import { STOP_WORDING } from '../../src/email/stop/wording.js';
import { MESSAGE_KEYS, type MessageKey } from '../../src/email/wording/en.js';
import {
  CATALOGUES,
  createWording,
  mapLiterals,
  parseMessage,
  variablesOf,
  type Wording,
} from '../../src/email/wording/wording.js';
import { pseudoRtlCatalogue } from '../../src/sandbox/gallery/gallery.js';
import { BRAND, emailInput } from './fixtures.js';
import { readingGrade } from './reading-grade.js';

const LOCALES = Object.keys(CATALOGUES) as (keyof typeof CATALOGUES)[];

/** The wording, with a note of every key that was said. */
function noting(said: Set<MessageKey>): Wording {
  const wording = createWording();
  return {
    locales: wording.locales,
    in(locale) {
      const say = wording.in(locale);
      return (key, values) => {
        said.add(key);
        return say(key, values);
      };
    },
  };
}

/** All that is said in a language, by emails and the stop page, without ICU's own signs. */
function spokenIn(locale: string): string[] {
  const strings = (value: object): string[] =>
    Object.values(value).flatMap((one: unknown) => (typeof one === 'string' ? [one] : strings(one as object)));
  const literals: string[] = [];
  for (const key of MESSAGE_KEYS)
    mapLiterals(parseMessage(CATALOGUES[locale as keyof typeof CATALOGUES][key], locale), (text) => {
      literals.push(text);
      return text;
    });
  return [...literals, ...strings(STOP_WORDING[locale] ?? {})];
}

describe('the wording', () => {
  test('has every message in every language, with the variables of the English one', () => {
    for (const locale of LOCALES) {
      expect(Object.keys(CATALOGUES[locale]).sort()).toEqual([...MESSAGE_KEYS].sort());
      for (const key of MESSAGE_KEYS) {
        const variables = (language: keyof typeof CATALOGUES): string[] =>
          [...variablesOf(parseMessage(CATALOGUES[language][key], language))].sort();
        expect({ locale, key, variables: variables(locale) }).toEqual({ locale, key, variables: variables('en') });
      }
    }
  });

  test('has no message that no email says, and no email says one that is missing', async () => {
    const said = new Set<MessageKey>();
    for (const brand of [BRAND, { ...BRAND, supportEmail: null, supportPhone: null }]) {
      const emails = createEmails({ brand, wording: noting(said) });
      for (const { input } of [...USUAL_CASES, ...ODD_CASES]) await emails.compose(input);
    }
    // A parcel whose carrier is unknown but whose day is, and one that has a carrier and no day.
    for (const parcel of [
      { carrier: 'Nobody', trackingNumber: null, estimatedDelivery: '2024-01-18' },
      { carrier: 'UPS', trackingNumber: null, estimatedDelivery: null },
    ])
      await createEmails({ brand: BRAND, wording: noting(said) }).compose(
        emailInput({ kind: 'order.shipped', parcels: [{ barcode: '123456789012', ...parcel }] }),
      );
    expect(MESSAGE_KEYS.filter((key) => !said.has(key))).toEqual([]);
  });

  test('writes apostrophes as typographers do: the typewriter’s is a sign of ICU’s syntax', () => {
    for (const locale of LOCALES) for (const key of MESSAGE_KEYS) expect(CATALOGUES[locale][key]).not.toContain("'");
  });

  test('calls the reader Sie, usted and vous, on the stop page too', () => {
    const familiar: Partial<Record<string, RegExp>> = {
      de: /(?<!\p{L})(du|dich|dir|dein\p{L}*|euch|euer|eure\p{L}*)(?!\p{L})/iu,
      es: /(?<!\p{L})(tú|tu|tus|ti|te|contigo|vosotros|os)(?!\p{L})/iu,
      fr: /(?<!\p{L})(tu|toi|te|ton|ta|tes)(?!\p{L})/iu,
    };
    for (const [locale, words] of Object.entries(familiar))
      for (const text of spokenIn(locale)) if (words !== undefined) expect(text).not.toMatch(words);
  });

  test('sets signs as French printers do: a no-break space before the high ones', () => {
    for (const text of spokenIn('fr')) expect(text).not.toMatch(/[^\u202f\u00a0][?!;»]|«[^\u202f\u00a0]|[^\u00a0]:/u);
  });

  test('goes on after the German greeting’s comma with a word that is always written with a capital', () => {
    const say = createWording().in('de');
    const values = { k: '9012', kits: 1, parcels: 1, dated: 'yes', due: 'yes', date: '1.', day: '1.' };
    const first = MESSAGE_KEYS.filter((key) => key.endsWith('.happened'));
    for (const key of first)
      for (const kits of [1, 2])
        for (const dated of ['yes', 'no'])
          expect(say(key, { ...values, kits, parcels: kits, dated })).toMatch(/^(Ihre?|Ihnen) /);
  });

  test('speaks of one kit and of several as each language does', () => {
    const wording = createWording();
    const subject = (locale: string, kits: number): string => wording.in(locale)('order.shipped.subject', { kits });
    expect(subject('en', 1)).toBe('Your kit is on its way');
    expect(subject('en', 3)).toBe('Your kits are on their way');
    expect(subject('fr', 2)).toBe('Vos kits sont en route');
    expect(subject('de', 2)).toBe('Ihre Kits sind unterwegs');
    expect(subject('es', 2)).toBe('Sus kits están en camino');
  });

  test('in the pseudo-language keeps its variables and has no Latin letter of its own', () => {
    for (const [key, message] of pseudoRtlCatalogue()) {
      expect([...variablesOf(message)]).toEqual([...variablesOf(parseMessage(CATALOGUES.en[key], 'en'))]);
      const values = Object.fromEntries([...variablesOf(message)].map((name) => [name, 1]));
      expect(String(message.format(values))).not.toMatch(/[a-z]/i);
    }
  });

  test('can be read by an eleven-year-old: grade 6 or lower in English, each email by itself', async () => {
    const emails = createEmails({ brand: BRAND });
    for (const { name, input } of USUAL_CASES) {
      const { text } = await emails.compose(input);
      expect({ name, grade: readingGrade(text) }).toEqual({ name, grade: expect.any(Number) });
      expect({ name, tooHard: readingGrade(text) > 6 }).toEqual({ name, tooHard: false });
    }
  });
});
