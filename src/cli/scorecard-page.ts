import type { Scorecard } from '../inbox/scorecard.js';
import { escapeHtml } from '../email/escape-html.js';
import { minute } from './output.js';
import { breakLine, columnsOf, HEADINGS, summaryLines } from './scorecard-said.js';

/** One page to print, and to bring to a talk with the partner. */
export function scorecardPage(card: Scorecard): string {
  const cells = (tag: 'td' | 'th', texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>C4HXP's webhooks, ${escapeHtml(minute(card.since))} to ${escapeHtml(minute(card.until))}</title>
<style>
  @page { size: A4 landscape; margin: 12mm }
  body { font: 11pt/1.45 system-ui, sans-serif; color: #1d2733; background: #fff; margin: 2em auto; max-width: 62em; padding: 0 1em }
  h1 { font-size: 1.4em; margin: 0 } h2 { font-size: 1.05em; margin: 1.4em 0 .4em }
  table { border-collapse: collapse; width: 100% } th, td { padding: .3em .5em; text-align: right; border-bottom: 1px solid #d5dce3 }
  th:first-child, td:first-child { text-align: left } th { font-weight: 600; vertical-align: bottom }
  p, li { margin: .3em 0 } ul { padding-left: 1.2em }
  @media print { body { margin: 0; max-width: none } }
</style>
</head>
<body>
<h1>C4HXP's webhooks</h1>
<p>${escapeHtml(minute(card.since))} to ${escapeHtml(minute(card.until))} UTC, as kit-herald received them.</p>
<table>
<thead>${cells('th', HEADINGS)}</thead>
<tbody>
${card.events.map((event) => cells('td', columnsOf(event))).join('\n')}
</tbody>
</table>
<h2>Contract</h2>
<ul>
${card.contractBreaks.map((one) => `<li>${escapeHtml(breakLine(one))}</li>`).join('\n') || '<li>Every webhook was as documented.</li>'}
</ul>
<h2>In words</h2>
${summaryLines(card)
  .map((line) => `<p>${escapeHtml(line)}</p>`)
  .join('\n')}
</body>
</html>
`;
}
