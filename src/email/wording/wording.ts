import { IntlMessageFormat } from 'intl-messageformat';
import { de } from './de.js';
import { type Catalogue, en, MESSAGE_KEYS, type MessageKey } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';

/** The languages that come with kit-herald; EMAIL_TEMPLATES_DIR may add others. */
export const CATALOGUES: Readonly<Record<'en' | 'es' | 'fr' | 'de', Catalogue>> = { en, es, fr, de };

/** Says one message in one language. */
type Say = (key: MessageKey, values: Values) => string;

export interface Wording {
  readonly locales: readonly string[];
  /** `locale` must be one of `locales`. */
  in(locale: string): Say;
}

/** All messages of all languages, parsed once: a broken message is an error at start, not at a patient's expense. */
export function createWording(catalogues: Readonly<Record<string, Catalogue>> = CATALOGUES): Wording {
  return wordingOf(
    new Map(Object.entries(catalogues).map(([locale, catalogue]) => [locale, parseCatalogue(locale, catalogue)])),
  );
}

export type ParsedCatalogue = ReadonlyMap<MessageKey, IntlMessageFormat>;

export function parseCatalogue(locale: string, catalogue: Catalogue): ParsedCatalogue {
  return new Map(MESSAGE_KEYS.map((key) => [key, parseMessage(catalogue[key], locale)]));
}

export function wordingOf(parsed: ReadonlyMap<string, ParsedCatalogue>): Wording {
  return {
    locales: [...parsed.keys()],
    in(locale) {
      const messages = parsed.get(locale);
      if (messages === undefined) throw new Error(`there is no wording in ${locale}`);
      return (key, values) => {
        const message = messages.get(key);
        if (message === undefined) throw new Error(`there is no message ${key} in ${locale}`);
        return String(message.format({ ...values }));
      };
    },
  };
}

/** Values that messages take: strings and numbers only. Nothing in a value is read as a message. */
export type Values = Readonly<Record<string, string | number>>;
type Element = ReturnType<IntlMessageFormat['getAst']>[number];

/** Throws where the text is no valid ICU message. */
export function parseMessage(text: string, locale: string): IntlMessageFormat {
  return new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
}

/** The names of all variables a message uses, in its branches too. */
export function variablesOf(message: IntlMessageFormat): Set<string> {
  const names = new Set<string>();
  const visit = (elements: readonly Element[]): void => {
    for (const element of elements) {
      if ('value' in element && !isLiteral(element)) names.add(element.value);
      if ('options' in element) for (const option of Object.values(element.options)) visit(option.value);
    }
  };
  visit(message.getAst());
  return names;
}

/** The same message with its literal text changed, its variables and branches kept. */
export function mapLiterals(message: IntlMessageFormat, change: (text: string) => string): IntlMessageFormat {
  const map = (elements: readonly Element[]): Element[] =>
    elements.map((element): Element => {
      if (isLiteral(element)) return { ...element, value: change(element.value) };
      if (!('options' in element)) return element;
      const options = Object.fromEntries(
        Object.entries(element.options).map(([name, option]) => [name, { ...option, value: map(option.value) }]),
      );
      return { ...element, options };
    });
  return new IntlMessageFormat(map(message.getAst()), message.resolvedOptions().locale);
}

/** `TYPE.literal` is the parser's enum, which is not ours to import: a test of the pseudo-locale would notice another. */
const LITERAL: number = 0;
const isLiteral = (element: Element): element is Extract<Element, { type: 0 }> => {
  const type: number = element.type;
  return type === LITERAL;
};

/** The language of a tag, in lower case: `es` of `es-MX`. */
const languageOf = (tag: string): string => new Intl.Locale(tag).language;

/** A BCP 47 tag from whatever was given (`es_MX.UTF-8` too), or null. */
function canonical(tag: string | null): string | null {
  const cleaned = (tag ?? '').trim().split(/[.@]/, 1)[0]?.replaceAll('_', '-') ?? '';
  if (cleaned === '' || cleaned.length > 35) return null;
  try {
    return Intl.getCanonicalLocales(cleaned)[0] ?? null;
  } catch {
    return null;
  }
}

export interface ChosenLocale {
  /** The catalogue's. */
  readonly locale: string;
  /** The same language in the person's region, where they told one: `en-GB` writes dates otherwise than `en-US`. */
  readonly region: string;
}

/** The person's language if there is wording in it, else the default. */
export function chooseLocale(wanted: string | null, available: readonly string[], byDefault: string): ChosenLocale {
  const tag = canonical(wanted);
  if (tag === null) return { locale: byDefault, region: byDefault };
  const locale =
    available.find((candidate) => candidate === tag) ??
    available.find((candidate) => languageOf(candidate) === languageOf(tag));
  return locale === undefined ? { locale: byDefault, region: byDefault } : { locale, region: tag };
}

const RIGHT_TO_LEFT = new Set(['ar', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi']);

export const directionOf = (locale: string): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.has(languageOf(locale)) ? 'rtl' : 'ltr');
