// Pictures of every email for docs/emails.md, by a real browser from what the gallery composes: a strip per email with
// the four languages on a phone, and English in the dark. `npm run build` first; CHROME_PATH uses another browser.
import chromiumPackage from '@sparticuz/chromium';
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { USUAL_CASES } from '../dist/src/sandbox/gallery/cases.js';
import { composeGallery } from '../dist/src/sandbox/gallery/gallery.js';

const FOLDER = 'docs/pictures/emails';
const WIDTH = 375;
const SHOWN = 240;
const GAP = 12;
const brand = {
  name: 'Kit Herald',
  color: '#0b5c6b',
  logoUrl: null,
  supportEmail: 'support@example.com',
  supportPhone: '+1 555 010 0199',
  postalAddress: '1 Example Street, Springfield 00000',
  portalUrl: 'https://portal.example.com',
  from: { name: 'Kit Herald', address: 'kits@example.com' },
  fromReminders: null,
  defaultLocale: 'en',
  defaultZone: 'UTC',
};

mkdirSync(FOLDER, { recursive: true });
const exhibits = await composeGallery(brand);
const executablePath = process.env.CHROME_PATH ?? (await chromiumPackage.executablePath());
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });

async function screenshot(html, colorScheme) {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: 600 },
    colorScheme,
    deviceScaleFactor: 2,
  });
  const page = await context.newPage();
  await page.setContent(html);
  const picture = await page.screenshot({ fullPage: true });
  await context.close();
  return `data:image/png;base64,${picture.toString('base64')}`;
}

const sheet = await browser.newPage();
for (const { name } of USUAL_CASES) {
  const inLocale = (locale) =>
    exhibits.find((exhibit) => exhibit.name === name && exhibit.locale === locale)?.email.html;
  const frames = [];
  for (const locale of ['en', 'es', 'fr', 'de']) frames.push(await screenshot(inLocale(locale), 'light'));
  frames.splice(1, 0, await screenshot(inLocale('en'), 'dark'));
  await sheet.setViewportSize({ width: frames.length * (SHOWN + GAP) + GAP, height: 400 });
  await sheet.setContent(
    `<style>body{margin:0;padding:${GAP}px;display:inline-flex;gap:${GAP}px;align-items:flex-start;background:#9aa5ab}img{display:block;width:${SHOWN}px}</style>` +
      frames.map((frame) => `<img src="${frame}">`).join(''),
  );
  await sheet.screenshot({ path: `${FOLDER}/${name}.jpg`, fullPage: true, type: 'jpeg', quality: 74 });
}
await browser.close();
