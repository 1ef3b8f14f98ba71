import { escapeHtml } from '../email/escape-html.js';
import type { Certificate } from './certificate.js';

/** The certificate as one page to print or to keep: no script, nothing loaded from elsewhere. */
export function certificatePage(certificate: Certificate): string {
  const { id, state, askedFor, by, askedAt, doneAt, subjects, erased, stays, backups, stillKnown } = certificate;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Certificate of erasure</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8886; }
  td.count { text-align: right; } code { overflow-wrap: anywhere; font-size: .85rem; }
  @media print { body { margin: 0; max-width: none; font-size: 11pt; } }
</style>
</head>
<body>
<main>
<h1>Certificate of erasure</h1>
<p>${state === 'done' ? `Everything below was erased by ${time(doneAt)}.` : '<strong>Not finished:</strong> an email was being sent at that moment. Nothing new is kept or sent any more; what was kept goes as soon as that email has an answer.'}</p>
${table([
  ['Asked for', `${WHAT[askedFor.what]} <code>${escapeHtml(askedFor.hash)}</code>`],
  ['Asked by', by === null ? 'not recorded' : escapeHtml(by)],
  ['Asked at', time(askedAt)],
  ['Done at', doneAt === null ? 'not yet' : time(doneAt)],
  ['Certificate', `<code>${escapeHtml(id)}</code>`],
])}
<h2>About</h2>
${table(subjects.map((one) => [`${one.what === 'kit' ? 'Kit' : 'Order'} ending in ${escapeHtml(one.ending)}`, `<code>${escapeHtml(one.hash)}</code>`]))}
<h2>What was erased</h2>
<table>${erased.map(({ what, where, count }) => `<tr><th scope="row">${escapeHtml(what)}</th><td><code>${escapeHtml(where)}</code></td><td class="count">${String(count)}</td></tr>`).join('')}</table>
<h2>What stays, and why</h2>
<table>${stays.map(({ what, why }) => `<tr><th scope="row">${escapeHtml(what)}</th><td>${escapeHtml(why)}</td></tr>`).join('')}</table>
<h2>Backups</h2>
<p>${escapeHtml(backups)}</p>
${stillKnown.length === 0 ? '' : `<h2>Not part of this</h2>\n<p>Somebody is still known of ${escapeHtml(stillKnown.join(', '))}, which belongs to the same story: another person, or the same one.</p>`}
</main>
</body>
</html>
`;
}

const WHAT: Readonly<Record<Certificate['askedFor']['what'], string>> = {
  kit: 'a kit',
  order: 'an order',
  email: 'an email address',
};

/** `2026-03-03 14:02 UTC` */
const time = (iso: string | null): string => (iso === null ? '' : `${iso.slice(0, 16).replace('T', ' ')} UTC`);

/** Values are HTML already. */
const table = (rows: readonly (readonly [name: string, value: string])[]): string =>
  `<table>${rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join('')}</table>`;
