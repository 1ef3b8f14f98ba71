import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../email/browser.js';

const site = fileURLToPath(new URL('../../docs/site/dist', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
};

/** Files and nothing else, as any web server gives them. */
const serveFiles = (): Server =>
  createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const named = `${site}${decodeURIComponent(pathname)}`;
    const file = existsSync(named) && statSync(named).isDirectory() ? `${named}/index.html` : named;
    if (!existsSync(file)) response.writeHead(404).end();
    else {
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      createReadStream(file).pipe(response);
    }
  });

// `npm run docs:build` makes it, with packages of its own: CI does so before the tests.
const described = existsSync(site) ? describe : describe.skip;
described('the documentation as a site, from files alone', () => {
  const server = serveFiles();
  const asked: string[] = [];
  const missing: string[] = [];
  let browser: Browser;
  let page: Page;
  let origin = '';

  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    page.on('request', (request) => asked.push(request.url()));
    page.on('response', (response) => {
      if (response.status() >= 400) missing.push(response.url());
    });
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test('finds a word, and leads to the heading under which it stands', async () => {
    await page.goto(origin);
    await page.locator('button.DocSearch-Button').click();
    await page.locator('#localsearch-input').fill('SILENCE_AFTER');
    await page.locator('.results a[href*="/settings.html#silence_after"]').first().click();
    await page.waitForURL('**/settings.html#silence_after');
    expect(await page.locator('#silence_after').isVisible()).toBe(true);
  });

  test.each([
    '/',
    '/architecture.html',
    '/threat-model.html',
    '/performance.html',
    '/runbooks/',
    '/project/readme.html',
  ])('%s has room on a phone, and all its pictures', async (path) => {
    await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
    // As text: this code runs in the page, of which these tests have no types.
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(
      await page.evaluate('[...document.images].filter((one) => one.complete && one.naturalWidth === 0).length'),
    ).toBe(0);
  });

  test('opens what a page names of the code, offline', async () => {
    await page.goto(`${origin}/journeys.html`);
    const href = await page.locator('a[href$="/workflows/policy/policy.ts.txt"]').first().getAttribute('href');
    await page.goto(`${origin}${href ?? ''}`);
    expect(await page.textContent('body')).toContain('results.available');
  });

  test('asks nobody else, and for nothing that isn’t there', () => {
    expect(asked.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'))).toEqual([]);
    expect(missing).toEqual([]);
  });
});
