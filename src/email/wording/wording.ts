import type { IntlMessageFormat } from 'intl-messageformat';
import { CATALOGUES } from './catalogue.js';
import { MESSAGE_KEYS, type Catalogue, type MessageKey } from './keys.js';
import { parseMessage, type Values } from './message.js';

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

/** The wording and one more language. */
export function withCatalogue(wording: Wording, locale: string, catalogue: ParsedCatalogue): Wording {
  const more = wordingOf(new Map([[locale, catalogue]]));
  return {
    locales: [...wording.locales, locale],
    in: (wanted) => (wanted === locale ? more : wording).in(wanted),
  };
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
