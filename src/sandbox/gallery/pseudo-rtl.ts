import { CATALOGUES } from '../../email/wording/catalogue.js';
import { MESSAGE_KEYS, type MessageKey } from '../../email/wording/keys.js';
import { mapLiterals, parseMessage } from '../../email/wording/message.js';
import type { ParsedCatalogue } from '../../email/wording/wording.js';

/** A made-up language that is written from right to left, to look at layouts; no patient ever gets it. */
export const PSEUDO_RTL = 'ar-XB';

const HEBREW = 'אבגדהוזחטיכלמנסעפצקרשתםןףץ';

/** The English wording in Hebrew letters: its lengths and variables are those of English. */
export function pseudoRtlCatalogue(): ParsedCatalogue {
  return new Map<MessageKey, ReturnType<typeof mapLiterals>>(
    MESSAGE_KEYS.map((key) => [key, mapLiterals(parseMessage(CATALOGUES.en[key], 'en'), mirrored)]),
  );
}

const mirrored = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => HEBREW.charAt(letter.toLowerCase().charCodeAt(0) - 97) || letter);
