import { type Topic, TOPICS } from '../../domain/kinds.js';
import { escapeHtml } from '../escape-html.js';
import type { Brand } from '../types.js';
import { createTheme, TYPE, type Palette } from '../theme.js';
import { chooseLocale, directionOf } from '../wording/wording.js';
import { STOP_WORDING, type StopWording } from './wording.js';

/** What the page tells: the choices (and what was just done), a link that isn't ours, or that nothing was changed. */
export type StopPageState =
  | {
      readonly page: 'choices';
      /** The topic of the email that was pressed: shown first. */
      readonly topic: Topic;
      readonly stopped: ReadonlySet<Topic>;
      readonly did?: { readonly what: 'stop' | 'undo'; readonly topic: Topic };
    }
  | { readonly page: 'unknown' | 'failed' };

export type StopPage = (state: StopPageState, acceptLanguage: string | undefined) => string;

/**
 * The page behind stop links, in the browser's language. Plain forms that post back to the same address: no script, and
 * no address, name or kit on it.
 */
export function createStopPage(brand: Brand): StopPage {
  const { light, dark } = createTheme(brand.color);
  const style = styleOf(light, dark);
  const support = [brand.supportEmail, brand.supportPhone?.replaceAll(' ', '\u00a0') ?? null]
    .filter((way) => way !== null)
    .map(escapeHtml)
    .join('<br>');

  return (state, acceptLanguage) => {
    const locale = languageOf(acceptLanguage, brand.defaultLocale);
    const say = STOP_WORDING[locale] ?? STOP_WORDING['en'];
    if (say === undefined) throw new Error('the stop page has no English');
    const supportLine = support === '' ? '' : `<p><strong>${support}</strong></p>`;
    const { title, body } =
      state.page === 'choices'
        ? { title: say.title, body: choices(state, say, supportLine) }
        : state.page === 'unknown'
          ? { title: say.unknownTitle, body: `<p>${escapeHtml(say.unknown)}</p>${supportLine}` }
          : { title: say.failedTitle, body: `<p>${escapeHtml(say.failed)}</p>${supportLine}` };
    const named = title.replaceAll('{brand}', brand.name);
    return [
      `<!doctype html><html lang="${locale}" dir="${directionOf(locale)}"><head><meta charset="utf-8">`,
      `<title>${escapeHtml(named)}</title><meta name="viewport" content="width=device-width, initial-scale=1">`,
      `<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark"><style>${style}</style></head>`,
      `<body><main><p class="brand">${escapeHtml(brand.name)}</p><h1>${escapeHtml(named)}</h1>${body}</main></body></html>`,
    ].join('\n');
  };
}

function choices(
  { topic, stopped, did }: Extract<StopPageState, { page: 'choices' }>,
  say: StopWording,
  supportLine: string,
): string {
  const status = did === undefined ? '' : (did.what === 'stop' ? say.done : say.undone)[did.topic];
  const ordered = [topic, ...TOPICS.filter((other) => other !== topic)];
  return [
    status === '' ? `<p>${escapeHtml(say.intro)}</p>` : `<p role="status" class="status">${escapeHtml(status)}</p>`,
    ...ordered.map((one) => choice(one, stopped.has(one), say)),
    `<p>${escapeHtml(say.results)}</p>`,
    supportLine === '' ? '' : `<p>${escapeHtml(say.support)}</p>${supportLine}`,
  ].join('\n');
}

/** One topic: what it is, how it stands, and the one button that changes it. */
function choice(topic: Topic, isStopped: boolean, say: StopWording): string {
  return [
    `<section><h2>${escapeHtml(say[topic])} <span>${escapeHtml(isStopped ? say.stopped : say.on)}</span></h2>`,
    `<p>${escapeHtml(say.explain[topic])}</p><form method="post">`,
    `<input type="hidden" name="topic" value="${topic}">`,
    `<button name="do" value="${isStopped ? 'undo' : 'stop'}"${isStopped ? ' class="quiet"' : ''}>`,
    `${escapeHtml((isStopped ? say.undo : say.stop)[topic])}</button></form></section>`,
  ].join('');
}

/** The first language of Accept-Language that we speak; its weights say little that its order doesn't. */
function languageOf(acceptLanguage: string | undefined, byDefault: string): string {
  const spoken = Object.keys(STOP_WORDING);
  for (const part of (acceptLanguage ?? '').slice(0, 200).split(',')) {
    const wanted = part.split(';', 1)[0]?.trim() ?? '';
    const { locale, region } = chooseLocale(wanted, spoken, '');
    if (region !== '') return locale;
  }
  return spoken.includes(byDefault) ? byDefault : 'en';
}

function styleOf(light: Palette, dark: Palette): string {
  const colours = (palette: Palette): string =>
    Object.entries(palette)
      .map(([name, colour]) => `--${name}:${colour}`)
      .join(';');
  return [
    `:root{color-scheme:light dark;${colours(light)}}`,
    `@media (prefers-color-scheme:dark){:root{${colours(dark)}}}`,
    `body{margin:0;background:var(--page);color:var(--text);font:17px/26px ${TYPE.font}}`,
    'main{max-width:520px;margin:0 auto;padding:32px 20px 48px}',
    '.brand{margin:0 0 24px;font-weight:700;color:var(--accent)}',
    'h1{margin:0 0 12px;font-size:26px;line-height:33px}h2{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline;margin:0;font-size:18px}',
    'h2 span{font-size:14px;font-weight:400;color:var(--muted)}',
    'section{margin:16px 0;padding:18px 20px 20px;border:1px solid var(--line);border-radius:12px;background:var(--card)}',
    'section p{margin:4px 0 14px}.status{padding:14px 20px;border-radius:10px;background:var(--tint);font-weight:700}',
    'button{min-height:48px;padding:10px 22px;border:0;border-radius:8px;font:inherit;font-weight:700;cursor:pointer;background:var(--button);color:var(--onButton)}',
    'button.quiet{background:none;color:var(--accent);border:2px solid currentColor}',
    'button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}',
  ].join('');
}
