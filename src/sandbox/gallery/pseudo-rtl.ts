import { MESSAGE_KEYS, type MessageKey } from '../../email/wording/en.js';
import {
  CATALOGUES,
  mapLiterals,
  type ParsedCatalogue,
  parseMessage,
  type Wording,
  wordingOf,
} from '../../email/wording/wording.js';

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
export function withPseudoRtl(wording: Wording): Wording {
  const pseudo = wordingOf(new Map([[PSEUDO_RTL, pseudoRtlCatalogue()]]));
  return {
    locales: [...wording.locales, PSEUDO_RTL],
    in: (locale) => (locale === PSEUDO_RTL ? pseudo : wording).in(locale),
  };
}
