import { createServer, type Server } from 'node:http';
import { KINDS } from '../../domain/kinds.js';
import type { Brand, ComposedEmail } from '../../email/types.js';
import { createEmails } from '../../email/compose.js';
import type { Overrides } from '../../email/overrides.js';
import {
  CATALOGUES,
  createWording,
  mapLiterals,
  type ParsedCatalogue,
  parseMessage,
  type Wording,
  wordingOf,
} from '../../email/wording/wording.js';
import { ODD_CASES, STAFF_CASE, USUAL_CASES } from './cases.js';
import { MESSAGE_KEYS, type MessageKey } from '../../email/wording/en.js';
import { escapeHtml } from '../../email/escape-html.js';

export interface Exhibit {
  /** `results-available.es`: unique, and fit for a URL and a file name. */
  readonly id: string;
  readonly name: string;
  /** What a person would call an email of its kind. */
  readonly title: string;
  readonly locale: string;
  readonly email: ComposedEmail;
}

/** Every email in every language, the made-up right-to-left one included, with usual and with hostile data. */
export async function composeGallery(
  brand: Brand,
  { wording = createWording(), templates }: Partial<Overrides> = {},
): Promise<Exhibit[]> {
  const everyLanguage = withPseudoRtl(wording);
  const emails = createEmails({ brand, wording: everyLanguage, ...(templates === undefined ? {} : { templates }) });
  const exhibits: Exhibit[] = [];
  for (const { name, input } of [...USUAL_CASES, ...ODD_CASES])
    for (const locale of everyLanguage.locales)
      exhibits.push({
        id: `${slug(name)}.${locale}`,
        name,
        title: KINDS[input.kind].title,
        locale,
        email: await emails.compose({
          ...input,
          // Nobody known: then the brand's default locale is the only one.
          person: input.person === null ? null : { ...input.person, locale },
        }),
      });
  const { name, input } = STAFF_CASE;
  exhibits.push({
    id: `${slug(name)}.en`,
    name,
    title: KINDS[input.kind].title,
    locale: 'en',
    email: await emails.compose(input),
  });
  return exhibits;
}

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** The same email as clients show it in the dark, for browsers that are in the light. */
const inTheDark = (html: string): string => html.replaceAll('(prefers-color-scheme:dark)', 'all');

/** A made-up language that is written from right to left, to look at layouts; no patient ever gets it. */
const PSEUDO_RTL = 'ar-XB';

const HEBREW = 'אבגדהוזחטיכלמנסעפצקרשתםןףץ';

/** The English wording in Hebrew letters: its lengths and variables are those of English. */
export function pseudoRtlCatalogue(): ParsedCatalogue {
  return new Map<MessageKey, ReturnType<typeof mapLiterals>>(
    MESSAGE_KEYS.map((key) => [key, mapLiterals(parseMessage(CATALOGUES.en[key], 'en'), mirrored)]),
  );
}

const mirrored = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => HEBREW.charAt(letter.toLowerCase().charCodeAt(0) - 97) || letter);

/** The wording, and the made-up language as one more. */
function withPseudoRtl(wording: Wording): Wording {
  const pseudo = wordingOf(new Map([[PSEUDO_RTL, pseudoRtlCatalogue()]]));
  return {
    locales: [...wording.locales, PSEUDO_RTL],
    in: (locale) => (locale === PSEUDO_RTL ? pseudo : wording).in(locale),
  };
}

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
