// Takes the README's pictures from a running demo (npm run demo): a kit in Temporal's UI, the mailbox, and the table.
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
// The tables alone: what runs before them is told as it happens.
const lines = output.slice(Math.max(0, output.search(/^.* \(kit /m))).split('\n');
const barcode = /\(kit (\w+)\)/.exec(output)?.[1] ?? '';
const workflow = `kit:${barcode}`;

const terminal = `<body style="margin:0;background:#10202a"><pre style="margin:0;padding:24px;color:#dde7ea;font:14px/1.45 'DejaVu Sans Mono',monospace">${escape(lines.join('\n').trim())}</pre></body>`;
await picture('demo-table', `data:text/html;charset=utf-8,${encodeURIComponent(terminal)}`, {
  width: 900,
  height: Math.min(1400, 48 + lines.length * 20),
  until: barcode,
});
await picture('mailbox', runtime.mailbox, { width: 1200, height: 760, until: 'results are ready' });
await picture('temporal-kit', `${runtime.temporalUi}/namespaces/${runtime.temporalNamespace}/workflows/${workflow}`, {
  width: 1280,
  height: 1000,
  until: 'notifyPatient',
});
