import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import Fastify from 'fastify';
import { createHash } from 'node:crypto';
import { closeApp } from '../../src/host/ports.js';
import type { Topic } from '../../src/domain/kinds.js';
import { STAFF_CASE, USUAL_CASES } from '../../src/sandbox/gallery/cases.js';
import { composeGallery, createGalleryServer, type Exhibit } from '../../src/sandbox/gallery/gallery.js';
import { createStopPage } from '../../src/email/stop/page.js';
import { createStopTokens } from '../../src/email/stop/token.js';
import { createBodies } from '../../src/receiver/bodies.js';
import { STOP_PATH, stopPage } from '../../src/receiver/stop-page.js';
import { openBrowser } from './browser.js';
import { BRAND } from './fixtures.js';

const SMALLEST_PHONE = 320;
const PHONE = 375;

/** Runs in the page: texts whose contrast, as painted, is below WCAG AA, or that don't fit into their box. */
const legibility = `() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const faults = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.getClientRects().length === 0) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    if (Number.parseFloat(fontSize) < 5) continue;
    texts += 1;
    const [darker, lighter] = [luminance(color), luminance(background(element))].sort((a, b) => a - b);
    const large = Number.parseFloat(fontSize) >= (Number(fontWeight) >= 700 ? 18.66 : 24);
    if ((lighter + 0.05) / (darker + 0.05) < (large ? 3 : 4.5)) faults.push([node.data, color, background(element)]);
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
      faults.push([node.data, 'does not fit']);
  }
  return { texts, faults };
}`;

let browser: Browser;
let gallery: Exhibit[];
beforeAll(async () => {
  [browser, gallery] = await Promise.all([openBrowser(), composeGallery(BRAND)]);
});
afterAll(async () => {
  await browser.close();
});

const usual = (): Exhibit[] =>
  gallery.filter(({ name }) => [...USUAL_CASES, STAFF_CASE].some((each) => each.name === name));

describe('in a real browser', () => {
  test('every email fits the smallest phone, asks for nothing over the network, and its button can be hit', async () => {
    const context = await browser.newContext({ viewport: { width: SMALLEST_PHONE, height: 600 } });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    for (const { id, email } of gallery) {
      await page.setContent(email.html, { waitUntil: 'load' });
      const seen = await page.evaluate(`({
        width: document.documentElement.scrollWidth,
        buttons: [...document.querySelectorAll('.kh-button')].map((button) => button.getBoundingClientRect().height),
        heading: document.querySelectorAll('h1').length,
      })`);
      expect({ id, ...(seen as object) }).toMatchObject({ id, width: SMALLEST_PHONE });
      const { buttons } = seen as { buttons: number[] };
      for (const height of buttons) expect(height).toBeGreaterThanOrEqual(44);
    }
    expect(asked).toEqual([]);
    await context.close();
  });

  test('is dark in the dark, down to its last background', async () => {
    const context = await browser.newContext({ viewport: { width: PHONE, height: 600 }, colorScheme: 'dark' });
    const page = await context.newPage();
    for (const { id, email } of usual()) {
      await page.setContent(email.html);
      const light = await page.evaluate(`[...document.querySelectorAll('*')]
        .map((element) => getComputedStyle(element).backgroundColor)
        .filter((colour) => {
          const [red, green, blue, alpha = 1] = (colour.match(/[\\d.]+/g) ?? []).map(Number);
          return alpha > 0 && red + green + blue > 480;
        })`);
      expect({ id, light }).toEqual({ id, light: [] });
    }
    await context.close();
  });

  test.each(['light', 'dark'] as const)(
    'every word of every email in every language can be read (%s), and none is cut off',
    async (colorScheme) => {
      const context = await browser.newContext({ viewport: { width: PHONE, height: 600 }, colorScheme });
      const page = await context.newPage();
      for (const { id, email } of usual()) {
        await page.setContent(email.html);
        const { texts, faults } = await page.evaluate<{ texts: number; faults: unknown[] }>(`(${legibility})()`);
        expect({ id, faults }).toEqual({ id, faults: [] });
        expect(texts).toBeGreaterThan(4);
      }
      await context.close();
    },
  );

  test('a person stops reminders, thinks again, and takes it back, without JavaScript', async () => {
    const tokens = createStopTokens([Buffer.alloc(32, 5)]);
    const stopped = new Set<Topic>();
    const app = Fastify();
    await app.register(stopPage, {
      bodies: createBodies(),
      tokens,
      page: createStopPage(BRAND),
      choices: {
        stoppedBy: () => Promise.resolve(stopped),
        stop: (_address, topic) => Promise.resolve(void stopped.add(topic)),
        undo: (_address, topic) => Promise.resolve(void stopped.delete(topic)),
      },
    });
    const token = tokens.make({ address: createHash('sha256').update('jane').digest('base64url'), topic: 'reminders' });
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 375, height: 700 } });
    const page = await context.newPage();
    await page.goto(`${origin}${STOP_PATH}/${token}`);
    expect(stopped.size).toBe(0);
    await page.getByRole('button', { name: 'Stop reminders' }).click();
    expect([...stopped]).toEqual(['reminders']);
    expect(await page.getByRole('status').textContent()).toContain('no more reminders');
    await page.getByRole('button', { name: 'Send reminders again' }).click();
    expect(stopped.size).toBe(0);
    expect(await page.getByRole('status').textContent()).toContain('We will send reminders');
    await context.close();
    await closeApp(app);
  });

  test('the gallery shows an email at both widths, by day and by night, with its text', async () => {
    const server = createGalleryServer(gallery);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${String(port)}/`);
    expect(await page.getByRole('cell', { name: 'Results are ready', exact: true }).count()).toBe(1);
    await page.getByRole('link', { name: 'results.available in es' }).click();
    expect(await page.locator('iframe').count()).toBe(4);
    expect(await page.locator('iframe').first().contentFrame().locator('h1').textContent()).toBe(
      'Sus resultados están listos',
    );
    expect(await page.locator('pre').textContent()).toContain('Hola, Jane:');
    await page.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
});
