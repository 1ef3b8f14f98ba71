import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isJourneyKind, type JourneyKind, KIND_NAMES, KINDS, topicOf } from '../domain/kinds.js';
import {
  CATALOGUES,
  parseCatalogue,
  type ParsedCatalogue,
  parseMessage,
  variablesOf,
  type Wording,
  wordingOf,
} from './wording/wording.js';
import { MESSAGE_KEYS, type MessageKey } from './wording/en.js';
import { escapeHtml } from './escape-html.js';
import type { Mail } from './mail.js';

export interface Overrides {
  readonly wording: Wording;
  readonly templates: ReadonlyMap<JourneyKind, OwnTemplate>;
}

/** What a whole email of a company's own is named after. */
const NAMES = KIND_NAMES.filter(isJourneyKind);

/**
 * Reads EMAIL_TEMPLATES_DIR: `wording/<locale>.json` for words, `<kind>.html` with `<kind>.txt` for a whole email.
 * Files that begin with a dot and `*.md` are left alone; everything else must be understood.
 * @throws TemplatesProblem with all faults at once.
 */
export async function readTemplatesDir(
  directory: string,
  { portalUrl }: { readonly portalUrl: string },
): Promise<Overrides> {
  const faults: string[] = [];
  const tell = (file: string, found: readonly string[]): void => {
    faults.push(...found.map((fault) => `${file}: ${fault}`));
  };
  const names = await namesIn(directory).catch(() => {
    throw new TemplatesProblem([`${directory} can't be read`]);
  });
  const catalogues = new Map<string, ParsedCatalogue>(
    Object.entries(CATALOGUES).map(([locale, catalogue]) => [locale, parseCatalogue(locale, catalogue)]),
  );
  const templates = new Map<JourneyKind, OwnTemplate>();

  if (names.includes('wording'))
    for (const file of await namesIn(join(directory, 'wording')).catch(() => [])) {
      const locale = localeOf(file);
      if (locale === null) {
        tell(`wording/${file}`, ['must be named after a language, as in pt.json']);
        continue;
      }
      const { catalogue, faults: found } = readWordingFile(locale, await text(directory, 'wording', file));
      tell(`wording/${file}`, found);
      if (catalogue !== null) catalogues.set(locale, catalogue);
    }

  for (const file of names.filter((name) => name !== 'wording')) {
    const name = NAMES.find((known) => file === `${known}.html` || file === `${known}.txt`);
    if (name === undefined) tell(file, [`is no email; there are ${NAMES.join(', ')}, each as .html and .txt`]);
    else if (!names.includes(`${name}.html`)) tell(file, [`stands alone: ${name}.html is missing`]);
    else if (!names.includes(`${name}.txt`)) tell(file, [`stands alone: ${name}.txt is missing`]);
    else if (file.endsWith('.html')) {
      const own = { html: await text(directory, file), text: await text(directory, `${name}.txt`) };
      tell(file, faultsOf(name, own.html, { html: true, portalUrl }));
      tell(`${name}.txt`, faultsOf(name, own.text, { html: false, portalUrl }));
      templates.set(name, own);
    }
  }
  if (faults.length > 0) throw new TemplatesProblem(faults);
  return { wording: wordingOf(catalogues), templates };
}

const namesIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => !name.startsWith('.') && !name.endsWith('.md')).sort();

const text = async (...path: string[]): Promise<string> =>
  (await readFile(join(...path), 'utf8')).replace(/^\ufeff/, '').replaceAll('\r\n', '\n');

function localeOf(file: string): string | null {
  const name = /^([a-z]{2,3}(?:-[A-Za-z]{4})?(?:-[A-Z]{2})?)\.json$/.exec(file)?.[1];
  return name !== undefined && Intl.getCanonicalLocales(name)[0] === name ? name : null;
}

const fileSchema = z.record(z.string(), z.string());

/** Fault or result: faults are gathered, so that one start tells all of them. */
interface ReadWording {
  readonly catalogue: ParsedCatalogue | null;
  readonly faults: readonly string[];
}

/**
 * A company's own wording in one language: over ours where we have the language, else all of it. Each message must use
 * the variables of the English one: a missing {k} would leave a patient guessing which kit is meant.
 */
function readWordingFile(locale: string, content: string): ReadWording {
  const faults: string[] = [];
  const own = parseFile(content, faults);
  if (own === null) return { catalogue: null, faults };

  const ours = locale in CATALOGUES ? CATALOGUES[locale as keyof typeof CATALOGUES] : null;
  const messages = new Map(ours === null ? [] : parseCatalogue(locale, ours));
  for (const [key, text] of Object.entries(own)) {
    if (!isKey(key)) {
      faults.push(`there is no message ${key}`);
      continue;
    }
    try {
      const message = parseMessage(text, locale);
      const fault = variablesFault(key, variablesOf(message));
      if (fault === null) messages.set(key, message);
      else faults.push(fault);
    } catch {
      faults.push(`${key} is no valid ICU message`);
    }
  }
  const missing = MESSAGE_KEYS.filter((key) => !messages.has(key) && !(key in own));
  if (missing.length > 0)
    faults.push(
      `a new language needs every message; missing: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${String(missing.length - 5)} more` : ''}`,
    );
  return { catalogue: faults.length === 0 ? messages : null, faults };
}

function parseFile(content: string, faults: string[]): Record<string, string> | null {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    faults.push('is not JSON');
    return null;
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  faults.push('must be an object of texts by message key');
  return null;
}

const isKey = (key: string): key is MessageKey => (MESSAGE_KEYS as readonly string[]).includes(key);

function variablesFault(key: MessageKey, used: ReadonlySet<string>): string | null {
  const wanted = variablesOf(parseMessage(CATALOGUES.en[key], 'en'));
  const missing = [...wanted].filter((name) => !used.has(name));
  const unknown = [...used].filter((name) => !wanted.has(name));
  if (missing.length > 0) return `${key} must use {${missing.join('}, {')}}`;
  return unknown.length > 0 ? `${key} knows no {${unknown.join('}, {')}}` : null;
}

/** All that is wrong with EMAIL_TEMPLATES_DIR, in one message that names each file: told at start. */
export class TemplatesProblem extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`EMAIL_TEMPLATES_DIR needs a change:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'TemplatesProblem';
  }
}

/** A company's own email in place of ours: text with `{{variables}}`, nothing that runs. */
export interface OwnTemplate {
  readonly html: string;
  readonly text: string;
}

const VARIABLES = [
  'lang',
  'dir',
  'subject',
  'preheader',
  'greeting',
  'kit',
  'happened',
  'next',
  'todo',
  'ask',
  'action',
  'action_url',
  'brand',
  'logo_url',
  'support_email',
  'support_phone',
  'postal_address',
  'why',
  'never',
  'stop',
  'stop_url',
] as const;
type Variable = (typeof VARIABLES)[number];

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;
const LARGEST = 90_000;

/** What is wrong with one part of a company's template; empty when nothing is. */
function faultsOf(
  name: JourneyKind,
  source: string,
  { html, portalUrl }: { html: boolean; portalUrl: string },
): string[] {
  const used = new Set([...source.matchAll(PLACEHOLDER)].map(([, variable = '']) => variable));
  const faults = [...used].filter((variable) => !isVariable(variable)).map((variable) => `knows no {{${variable}}}`);
  const needed: Variable[][] = [['action_url']];
  if (topicOf(name) !== null) needed.push(['stop_url']);
  if (KINDS[name].about === 'kit') needed.push(['kit', 'happened']);
  for (const either of needed)
    if (!either.some((variable) => used.has(variable))) faults.push(`must use {{${either.join('}} or {{')}}}`);
  if (Buffer.byteLength(source) > LARGEST)
    faults.push(`is larger than ${String(LARGEST)} bytes: clients would cut it off`);
  return [...faults, ...foreignFaults(source, html, portalUrl)];
}

/** Nothing is fetched or run, and links lead where an email's may. */
function foreignFaults(source: string, html: boolean, portalUrl: string): string[] {
  const faults: string[] = [];
  for (const [address] of source.matchAll(/https?:\/\/[^\s"'<>)]*/gi))
    if (!isOfPortal(address, portalUrl) && !NAMESPACES.has(address))
      faults.push(`links to ${address}: only the portal may be linked`);
  if (!html) return faults;
  if (/<(script|iframe|object|embed|form|link|base)\b|\son[a-z]+\s*=|javascript:/i.test(source))
    faults.push('holds something that runs or is fetched');
  for (const [, target = ''] of source.matchAll(/\bsrc\s*=\s*["']?([^"'\s>]*)/gi))
    if (!/^\{\{\s*logo_url\s*\}\}$/.test(target)) faults.push('shows an image: only {{logo_url}} may be shown');
  return faults;
}

const isOfPortal = (address: string, portalUrl: string): boolean =>
  URL.canParse(address) && new URL(address).origin === new URL(portalUrl).origin;

/** Names of vocabularies that look like addresses and are never fetched. */
const NAMESPACES = new Set(['http://www.w3.org/1999/xhtml', 'http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd']);

/** Both parts, filled; values are escaped in the HTML, whatever they hold. */
export function fill(own: OwnTemplate, mail: Mail): OwnTemplate {
  const values = valuesOf(mail);
  const into = (source: string, write: (value: string) => string): string =>
    source.replace(PLACEHOLDER, (placeholder, variable: string) =>
      isVariable(variable) ? write(values[variable]) : placeholder,
    );
  return { html: into(own.html, escapeHtml), text: into(own.text, (value) => value) };
}

const isVariable = (name: string): name is Variable => (VARIABLES as readonly string[]).includes(name);

function valuesOf(mail: Mail): Record<Variable, string> {
  const { template: name, brand, say, stop } = mail;
  const part = (...names: string[]): string =>
    names
      .map((part) => `${name}.${part}`)
      .filter((key): key is MessageKey => (MESSAGE_KEYS as readonly string[]).includes(key))
      .map((key) => say(key))
      .join(' ');
  const page = mail.parcels.find((parcel) => parcel.page !== null)?.page ?? null;
  return {
    lang: mail.locale,
    dir: mail.dir,
    subject: mail.heading,
    preheader: mail.preheader,
    greeting: mail.greeting,
    kit: mail.about === 'kit' ? mail.lastFour : '',
    happened: part('happened', 'private'),
    next: part('next'),
    todo: part('todo'),
    ask: part('ask'),
    action: name === 'order.shipped' && page !== null ? say('parcel.track') : part('action'),
    action_url: name === 'order.shipped' ? (page ?? mail.portal) : mail.portal,
    brand: brand.name,
    logo_url: brand.logoUrl ?? '',
    support_email: brand.supportEmail ?? '',
    support_phone: brand.supportPhone ?? '',
    postal_address: brand.postalAddress ?? '',
    why: say(mail.about === 'order' ? 'footer.why.order' : 'footer.why.kit', { brand: brand.name }),
    never: say('footer.never'),
    stop: stop === null ? '' : say(`footer.stop.${stop.topic}`),
    stop_url: stop?.url ?? '',
  };
}
