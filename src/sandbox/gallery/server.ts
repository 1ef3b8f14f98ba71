import { createServer, type Server } from 'node:http';
import { escapeHtml } from '../../email/escape-html.js';
import { inTheDark, type Exhibit } from './gallery.js';

/** Serves the gallery; not listening yet. */
export function createGalleryServer(exhibits: readonly Exhibit[]): Server {
  const pages = new Map<string, string>([['/', indexPage(exhibits)]]);
  for (const exhibit of exhibits) {
    const path = `/${encodeURIComponent(exhibit.id)}`;
    pages.set(path, exhibitPage(exhibit));
    pages.set(`${path}/light.html`, exhibit.email.html);
    pages.set(`${path}/dark.html`, inTheDark(exhibit.email.html));
    pages.set(`${path}/text.txt`, exhibit.email.text);
  }
  return createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const content = pages.get(path);
    const type = path.endsWith('.txt') ? 'text/plain' : 'text/html';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(content ?? 'There is no such email.');
  });
}

const STYLE = `
:root{color-scheme:light dark}
body{margin:0;padding:24px;font:15px/22px system-ui,sans-serif}
table{border-collapse:collapse}td,th{padding:6px 14px 6px 0;text-align:start;vertical-align:top}
a{color:inherit}nav{margin-bottom:16px}
.frames{display:flex;flex-wrap:wrap;gap:20px;align-items:flex-start}
figure{margin:0}figcaption{margin-bottom:6px;opacity:.7}
iframe{border:1px solid #8886;border-radius:8px;background:#fff;height:900px}
pre{white-space:pre-wrap;max-width:72ch;padding:16px;border:1px solid #8886;border-radius:8px}
`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
  `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>${body}</body></html>`;

/** All emails, a row each, a link for each language. */
function indexPage(exhibits: readonly Exhibit[]): string {
  const names = new Map(exhibits.map(({ name, title }) => [name, title]));
  const rows = [...names].map(([name, title]) => {
    const links = exhibits
      .filter((exhibit) => exhibit.name === name)
      .map(
        ({ id, locale }) =>
          `<td><a href="/${encodeURIComponent(id)}" aria-label="${escapeHtml(`${name} in ${locale}`)}">${locale}</a></td>`,
      );
    const subject = exhibits.find((exhibit) => exhibit.name === name)?.email.subject ?? '';
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(title)}</td>${links.join('')}<td>${escapeHtml(subject)}</td></tr>`;
  });
  return page('Emails', `<h1>Every email, in every language</h1><table><tbody>${rows.join('')}</tbody></table>`);
}

/** One email: phone and desktop, light and dark, its text, its headers. */
function exhibitPage({ id, name, title, locale, email }: Exhibit): string {
  const source = `/${encodeURIComponent(id)}`;
  const frame = (caption: string, width: number, dark: boolean): string =>
    `<figure><figcaption>${caption}</figcaption><iframe title="${caption}" sandbox width="${String(width)}" src="${source}/${dark ? 'dark' : 'light'}.html"></iframe></figure>`;
  const headers = [
    ['From', `${email.from.name} <${email.from.address}>`],
    ['Reply-To', email.replyTo === null ? '' : `${email.replyTo.name} <${email.replyTo.address}>`],
    ['Subject', email.subject],
    ...Object.entries(email.headers),
    ['Size', `${String(Math.ceil(Buffer.byteLength(email.html) / 1024))} kB`],
  ].map(
    ([header = '', value = '']) => `<tr><th scope="row">${escapeHtml(header)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return page(
    `${name} (${locale})`,
    `<nav><a href="/">All emails</a></nav><h1>${escapeHtml(name)} (${locale})</h1><p>${escapeHtml(title)}</p><table><tbody>${headers.join('')}</tbody></table>` +
      `<div class="frames">${frame('Phone', 375, false)}${frame('Phone, dark', 375, true)}${frame('Desktop', 760, false)}${frame('Desktop, dark', 760, true)}` +
      `<figure><figcaption>Text</figcaption><pre dir="auto">${escapeHtml(email.text)}</pre></figure></div>`,
  );
}
