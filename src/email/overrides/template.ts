import { KINDS, topicOf, type JourneyKind } from '../../domain/kinds.js';
import { escapeHtml } from '../escape-html.js';
import type { Mail } from '../mail.js';
import { MESSAGE_KEYS, type MessageKey } from '../wording/en.js';

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
export function faultsOf(
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
