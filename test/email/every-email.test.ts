import { beforeAll, describe, expect, test } from '@jest/globals';
import { topicOf } from '../../src/domain/kinds.js';
import { ODD_CASES, USUAL_CASES } from '../../src/sandbox/gallery/cases.js';
import { composeGallery, type Exhibit } from '../../src/sandbox/gallery/gallery.js';
import { BRAND } from './fixtures.js';

const BARCODES = /123456789012|123456789013|XP12345678|LAB:2026/;
const MEDICAL =
  /hormon|test\b|panel|abnormal|cortisol|blood|sangre|sang\b|blut|diagnos|positiv|negativ|normal|cancer|krank|enferm|malad|std|hiv/i;
const GMAIL_CUTS_AT = 102 * 1024;

let gallery: Exhibit[];
beforeAll(async () => {
  gallery = await composeGallery(BRAND);
});
const patients = (): Exhibit[] => gallery.filter(({ name }) => name !== 'staff.alert');

function each(check: (exhibit: Exhibit) => void, exhibits = gallery): void {
  for (const exhibit of exhibits) {
    try {
      check(exhibit);
    } catch (error) {
      throw new Error(`${exhibit.id}: ${error instanceof Error ? error.message : ''}`, { cause: error });
    }
  }
}

const hrefs = (html: string): string[] => [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => unescaped(href));
const unescaped = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#x27;', "'");

describe('every email, in every language, with usual and hostile data', () => {
  test('is there: all kinds, all languages, right-to-left too', () => {
    const locales = new Set(gallery.map(({ locale }) => locale));
    expect([...locales].sort()).toEqual(['ar-XB', 'de', 'en', 'es', 'fr']);
    expect(gallery).toHaveLength((USUAL_CASES.length + ODD_CASES.length) * locales.size + 1);
  });

  test('is small enough not to be cut off', () => {
    each(({ email }) => {
      expect(Buffer.byteLength(email.html)).toBeLessThan(GMAIL_CUTS_AT / 4);
      expect(/<style>([^]*?)<\/style>/.exec(email.html)?.[1]?.length ?? 0).toBeLessThan(8_192);
    });
  });

  test('says its language and direction, and its tables are for looks only', () => {
    each(({ email, name, locale }) => {
      const spoken = name === 'name: none' ? 'en' : locale;
      const dir = spoken === 'ar-XB' ? 'rtl' : 'ltr';
      expect(email.html).toMatch(
        new RegExp(`<html[^>]* dir="${dir}"[^>]* lang="${spoken}"|lang="${spoken}"[^>]* dir="${dir}"`),
      );
      for (const [table] of email.html.matchAll(/<table[^>]*>/g)) expect(table).toContain('role="presentation"');
      expect(email.headers['Content-Language']).toBe(spoken);
    });
  });

  test('has no image, script, style sheet, form or anything else that is fetched or run', () => {
    each(({ email }) => {
      expect(email.html).not.toMatch(/<(img|script|link|iframe|form|object|embed|video|svg|base)\b/i);
      expect(email.html).not.toMatch(/url\(|@import|javascript:/i);
      expect(email.html).not.toMatch(/<[^>]*\son[a-z]+\s*=/i);
    });
  });

  test('links to the portal, the carrier’s page and the stop page only, without barcode or name', () => {
    const allowed = [
      /^https:\/\/portal\.herald\.example\/kits$/,
      /^https:\/\/www\.fedex\.com\/fedextrack\/\?trknbr=\d+$/,
      /^https:\/\/www\.ups\.com\/track\?tracknum=1Z999AA10123456784$/,
      /^https:\/\/herald\.example\/email\/unsubscribe\/[RP]xAmPlEtOkEn$/,
    ];
    each(({ email }) => {
      expect(hrefs(email.html).length).toBeGreaterThan(0);
      for (const href of hrefs(email.html)) {
        expect(allowed.some((pattern) => pattern.test(href))).toBe(true);
        expect(href).not.toMatch(BARCODES);
        expect(href).not.toMatch(/jane|smith/i);
      }
    }, patients());
  });

  test('shows no more of a barcode than its last four, no last name and no address', () => {
    each(({ email }) => {
      for (const part of [email.subject, email.html, email.text]) {
        expect(part).not.toMatch(BARCODES);
        expect(part).not.toMatch(/Smith|jane@example/);
      }
    }, patients());
  });

  test('has a subject in one line, without anything medical, with the kit’s last four where it is about a kit', () => {
    each(({ email, locale }) => {
      expect(email.subject).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]{10,110}$/u);
      if (locale !== 'ar-XB') expect(email.subject).not.toMatch(MEDICAL);
      expect(email.html).toContain('<h1');
    }, patients());
    for (const { name, input } of USUAL_CASES) {
      const subjects = gallery.filter((exhibit) => exhibit.name === name).map(({ email }) => email.subject);
      for (const subject of subjects) expect(subject.includes('9012')).toBe(input.barcode !== null);
    }
  });

  test('claims no step of a kit’s way but the one that it tells of, or that it cannot do without', () => {
    const claimed: Record<string, string> = {};
    for (const { name, input } of USUAL_CASES) {
      const texts = gallery.filter((exhibit) => exhibit.name === name && exhibit.locale === 'en');
      for (const { email } of texts) {
        const step = /^Step \d of 5: (.+)$/m.exec(email.text)?.[1];
        if (step !== undefined) claimed[input.kind] = step;
      }
    }
    expect(claimed).toEqual({
      'order.shipped': 'on its way',
      'kit.registered': 'registered',
      'reminder.return': 'registered',
      'kit.received_lab': 'at the lab',
      'kit.processing_started': 'work has begun',
      'results.available': 'results are ready',
      'results.reviewed': 'results are ready',
      'results.updated': 'results are ready',
    });
  });

  test('offers to stop what may be stopped, in body and headers, and nothing else', () => {
    for (const { name, input } of [...USUAL_CASES, ...ODD_CASES]) {
      const topic = topicOf(input.kind);
      for (const { email } of gallery.filter((exhibit) => exhibit.name === name)) {
        expect(email.headers['List-Unsubscribe'] !== undefined).toBe(topic !== null);
        expect(email.headers['List-Unsubscribe-Post']).toBe(topic === null ? undefined : 'List-Unsubscribe=One-Click');
        expect(email.html.includes('/email/unsubscribe/')).toBe(topic !== null);
        expect(email.text.includes('/email/unsubscribe/')).toBe(topic !== null);
        expect(email.from.address).toBe(topic === null ? 'news@herald.example' : 'reminders@herald.example');
        if (topic !== null) expect(email.headers['List-Unsubscribe']).toContain(input.stopUrl(topic));
      }
    }
  });

  test('says that no person wrote it, and groups itself without a person or a kit', () => {
    each(({ email }) => {
      expect(email.headers['Auto-Submitted']).toBe('auto-generated');
      expect(email.headers['X-Auto-Response-Suppress']).toBe('All');
      expect(email.headers['Feedback-ID']).toMatch(/^[a-z_.]+:(reminders|progress|essential):kit-herald$/);
      for (const value of Object.values(email.headers)) expect(value).toMatch(/^[\x20-\x7e]+$/);
    });
  });

  test('answers to support, and names it, the postal address and what we never ask', () => {
    each(({ email, locale }) => {
      expect(email.replyTo?.address).toBe('support@herald.example');
      expect(email.text).toContain('support@herald.example');
      expect(email.text).toContain('1 Example Street');
      if (locale === 'en') expect(email.text).toContain('We never ask for a password or payment by email.');
    }, patients());
  });

  test('says the same in both parts: every link and every heading of the HTML is in the text', () => {
    each(({ email }) => {
      for (const href of hrefs(email.html)) expect(email.text).toContain(href);
      for (const [, heading = ''] of email.html.matchAll(/<h[12][^>]*>([^<]+)</g)) {
        expect(email.text).toContain(unescaped(heading));
      }
      expect(email.text).not.toMatch(/<[a-z/]|&(amp|nbsp|quot|#)/i);
      expect(email.text).not.toMatch(/\n{3}/);
    });
  });

  test('greets by a name that can be one, and without a name otherwise', () => {
    const greeting = (name: string): string | undefined =>
      /^Hello.*$/m.exec(
        gallery.find((exhibit) => exhibit.name === name && exhibit.locale === 'en')?.email.text ?? '',
      )?.[0];
    expect(greeting('kit.registered')).toBe('Hello Jane,');
    expect(greeting('name: emoji')).toBe('Hello Jane 🌸,');
    expect(greeting('name: Arabic')).toBe('Hello سارة,');
    for (const name of [
      'name: HTML',
      'name: line breaks',
      'name: 500 characters',
      'name: only spaces',
      'name: a web address',
      'name: none',
    ])
      expect(greeting(name)).toBe('Hello,');
  });

  test('lets no hostile value through', () => {
    each(({ email }) => {
      expect(email.html + email.text + email.subject).not.toMatch(/evil|onerror|script>|\u202e/i);
    });
  });

  test('promises no day that is not known or has passed', () => {
    const next = (name: string): string =>
      gallery.find((exhibit) => exhibit.name === name && exhibit.locale === 'en')?.email.text ?? '';
    expect(next('kit.received_lab')).toContain('We expect results around December 3.');
    expect(next('kit.received_lab, no date')).not.toContain('We expect');
    expect(next('kit.received_lab, the promised day is past')).not.toContain('We expect');
    expect(next('order.shipped, nothing known')).not.toMatch(/plans to deliver|left us on/);
  });
});
