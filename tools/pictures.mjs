// Takes the README's pictures from a running demo (npm run demo): a kit in Temporal's UI, the mailbox, the table, and the desk.
// Usage: node tools/pictures.mjs [DATA_DIR, default .kit-herald/demo] < the demo's output
import chromium from '@sparticuz/chromium';
import { readFileSync } from 'node:fs';
import { chromium as playwright } from 'playwright-core';

const runtime = JSON.parse(readFileSync(`${process.argv[2] ?? '.kit-herald/demo'}/runtime.json`, 'utf8'));
async function picture(name, url, { width, height, until, prepare }) {
  // A browser for each: this build of Chromium is a single process, which ends with its page.
  const browser = await playwright.launch({
    executablePath: process.env.CHROME_PATH ?? (await chromium.executablePath()),
    args: chromium.args,
  });
  const page = await browser.newPage({ viewport: { width, height } });
  await page.goto(url, { waitUntil: 'load' });
  await page.getByText(until).first().waitFor({ timeout: 20_000 });
  await prepare?.(page);
  await page.screenshot({ path: `docs/pictures/${name}.png` });
  await browser.close();
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const output = readFileSync(0, 'utf8');
// The tables alone, without what is told before them and the addresses after them.
const tables = output.slice(Math.max(0, output.search(/^.* \(kit /m)));
const lines = tables
  .slice(0, tables.search(/^Open to look at/m))
  .trimEnd()
  .split('\n');
const barcode = /\(kit (\w+)\)/.exec(output)?.[1] ?? '';
const workflow = `kit:${barcode}`;

const terminal = `<body style="margin:0;background:#10202a"><pre style="margin:0;padding:24px;color:#dde7ea;font:14px/1.45 'DejaVu Sans Mono',monospace">${escape(lines.join('\n').trim())}</pre></body>`;
await picture('demo-table', `data:text/html;charset=utf-8,${encodeURIComponent(terminal)}`, {
  width: 900,
  height: Math.min(1400, 48 + lines.length * 20),
  until: barcode,
});
await picture('mailbox', runtime.mailbox, {
  width: 1200,
  height: 860,
  until: 'results are ready',
  prepare: async (page) => {
    await page.getByText('results are ready').first().click();
    await page.frameLocator('iframe').getByText('See the results').waitFor();
  },
});
await picture('temporal-kit', `${runtime.temporalUi}/namespaces/${runtime.temporalNamespace}/workflows/${workflow}`, {
  width: 1280,
  height: 1480,
  until: 'notifyPatient',
});

const [, deskUrl, user, secret] = /the desk\s+(\S+) \(name (\S+), secret (\S+)\)/.exec(output) ?? [];
const desk = (title, path, { height, until, prepare }) =>
  picture(title, deskUrl, {
    width: 900,
    height,
    until: 'Sign in',
    prepare: async (page) => {
      await page.fill('#name', user);
      await page.fill('#secret', secret);
      await page.click('main button');
      await page.getByText('Was this patient told?').waitFor();
      await page.goto(`${deskUrl}${path}`);
      await page.getByText(until).first().waitFor();
      await prepare?.(page);
    },
  });
await desk('desk', `/kits/${barcode}`, { height: 1300, until: 'What happened' });
await desk('desk-email', `/kits/${barcode}`, {
  height: 1300,
  until: 'What they saw',
  prepare: async (page) => {
    await page.getByText('What they saw').last().click();
    await page.frameLocator('iframe').getByText('Hello,').first().waitFor();
    await page.locator('.needs').scrollIntoViewIfNeeded();
  },
});
