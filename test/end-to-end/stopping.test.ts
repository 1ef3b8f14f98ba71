import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../email/browser.js';
import { removeDataDir, startHerald, temporaryDataDir, type Herald } from '../support/app.js';
import { kitJourney } from '../support/journey.js';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

describe('a person who wants fewer emails', () => {
  let dataDir: string;
  let smtp: SmtpSink;
  let herald: Herald;
  let browser: Browser;

  beforeAll(async () => {
    dataDir = temporaryDataDir();
    smtp = await startSmtpSink();
    [herald, browser] = await Promise.all([startHerald(dataDir, { SMTP_URL: smtp.url }), openBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await herald.stop();
    await smtp.close();
    removeDataDir(dataDir);
  });

  const header = (mail: ParsedMail, name: string): string | null =>
    mail.headerLines.find(({ key }) => key === name)?.line.replace(/^[^:]+:\s*/, '') ?? null;

  /** One of this person's kits comes to the lab: what became of the email about that, which is progress news. */
  async function progressOfAnotherKit(email: string) {
    const kit = kitJourney({ patient: { first: 'Jane', last: 'Smith', email } });
    expect((await herald.post(kit.events['kit.received_lab'])).status).toBe(200);
    const row = await until(`a settled kit.received_lab of ${kit.barcode}`, async () => {
      const told = await herald.told(kit.barcode);
      return told?.notifications.find(({ kind, status }) => kind === 'kit.received_lab' && status !== 'sending');
    });
    const mail = smtp.mails.find(({ messageId }) => messageId === row.messageId);
    return { kit, mail, status: row.status, reason: row.reason };
  }
  const goes = { status: 'sent', reason: null };
  const stopped = { status: 'not_sent', reason: 'opted_out', mail: undefined };

  /** The first email of a person, and its link. */
  async function linkFor(email: string): Promise<string> {
    const { mail } = await progressOfAnotherKit(email);
    if (mail === undefined) throw new Error('no email came');
    expect(header(mail, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const [, url] = /^<(http:[^>\s]+)>$/.exec(header(mail, 'list-unsubscribe') ?? '') ?? [];
    if (url === undefined) throw new Error('no link in List-Unsubscribe');
    // The same link stands in both parts for those whose program shows no button.
    expect(mail.html).toContain(url);
    expect(mail.text).toContain(url);
    expect(url).not.toContain(encodeURIComponent(email).slice(0, 6));
    return url;
  }

  test('opens the link, stops that topic for all kits but never results, and takes it back, all without scripts', async () => {
    const email = 'jane.stops@example.com';
    const url = await linkFor(email);
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
    const page = await context.newPage();

    expect((await page.goto(url))?.status()).toBe(200);
    const stop = page.locator('section', { hasText: 'Progress' }).locator('button[value=stop]');
    await stop.waitFor();
    expect(await progressOfAnotherKit(email)).toMatchObject(goes);

    await stop.click();
    await page.getByRole('status').waitFor();
    expect(page.url()).toBe(url);
    const quiet = await progressOfAnotherKit(email);
    expect(quiet).toMatchObject(stopped);
    // Results are the point of the service: they are told whatever was stopped.
    expect((await herald.post(quiet.kit.events['results.available'])).status).toBe(200);
    await until('the word of results', () => smtp.subjectsTo(email).some((subject) => /results/i.test(subject)));
    const results = smtp.mails.find(({ subject }) => /results/i.test(subject ?? ''));
    expect(results && header(results, 'list-unsubscribe')).toBeNull();

    await page.locator('button[value=undo]').click();
    await page.getByRole('status').waitFor();
    expect(await page.locator('button[value=undo]').count()).toBe(0);
    expect(await progressOfAnotherKit(email)).toMatchObject(goes);
    await context.close();
  });

  test.each([
    ['urlencoded', () => new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })],
    [
      'form-data',
      () => {
        const form = new FormData();
        form.set('List-Unsubscribe', 'One-Click');
        return form;
      },
    ],
  ])('presses the button of a mail program: one POST (%s), no redirect, no page asked for', async (encoding, body) => {
    const email = `one.click.${encoding}@example.com`;
    const url = await linkFor(email);
    const response = await fetch(url, { method: 'POST', body: body(), redirect: 'error' });
    expect(response.status).toBe(200);
    expect(await progressOfAnotherKit(email)).toMatchObject(stopped);
    expect(await progressOfAnotherKit(`other.${email}`)).toMatchObject(goes);
  });
});
