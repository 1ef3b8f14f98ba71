/**
 * The first name to greet with, or null where what came can't be one: then the greeting goes without. Better no name
 * than "Hello null,", "Hello <b>Eve</b>," or a phisher's web address under our letterhead.
 */
export function greetingName(firstName: string | null): string | null {
  if (firstName === null || firstName.length > 1_000) return null;
  // A line break is what header injection is made of: such a name isn't mended.
  if (/[\r\n\u2028\u2029]/.test(firstName.trim()) || isBroken(firstName)) return null;
  const name = firstName.normalize('NFC').replace(INVISIBLE, '').replace(/\s+/gu, ' ').trim();
  if (!/\p{L}/u.test(name) || Array.from(name).length > LONGEST) return null;
  // Once more: what stood between two halves of a broken sign is gone.
  if (isHostile(name) || isPlaceholder(name) || isBroken(name)) return null;
  // Stacked accents ("zalgo") spill over the lines around them.
  return /\p{M}{4,}/u.test(name.normalize('NFD')) ? null : name;
}

const LONGEST = 40;
/** Controls, bidi overrides, zero-width marks, private use, unassigned: dropped. Joiners stay: scripts need them. */
const INVISIBLE = /[\p{Cc}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;

/** What nobody's name holds, but what would break a layout, start markup or look like a link. */
const HOSTILE = /[<>{}[\]\\|"`@#$%^*=~_+;:!?/()&\d]|www\.|\.\p{L}{2,}/iu;
/** Signs that readers and software take for a dot, a slash or a colon, though Unicode doesn't make them one. */
const DOTS = /[\u3002\u06d4\u0701\u0702\ua4f8]/gu;
const SLASHES_AND_COLONS = /[\u2044\u2215\u29f8\u2571\u2236\ua789\u02d0\u0589\u05c3]/u;

/**
 * Full-width and other compatible forms are what they stand for ("Jane．com", "http：／／"), and marks and joiners
 * between letters don't hinder who makes links of text.
 */
function isHostile(name: string): boolean {
  const plain = name.normalize('NFKC');
  const bare = plain
    .normalize('NFKD')
    .replace(/[\p{M}\u200c\u200d]/gu, '')
    .replace(DOTS, '.');
  return HOSTILE.test(name) || HOSTILE.test(plain) || HOSTILE.test(bare) || SLASHES_AND_COLONS.test(name);
}

/** What shops and databases write where no name was given, without its signs and in small letters. */
const PLACEHOLDERS = new Set(
  (
    'null undefined none nan na unknown unnamed noname nobody anonymous missing empty blank test tbd tba ' +
    'notapplicable notavailable notprovided notgiven notspecified name firstname fname givenname vorname prenom ' +
    'nombre unbekannt inconnu inconnue desconocido desconocida patient customer client guest user'
  ).split(' '),
);

function isPlaceholder(name: string): boolean {
  const letters = name.normalize('NFKD').replace(/[^\p{L}]/gu, '');
  // "Na" and "Nan" are people; "NA", "na" and "NaN" aren't.
  if (/^Nan?$/.test(letters)) return false;
  return PLACEHOLDERS.has(letters.toLowerCase()) || /^x{2,}$/i.test(letters);
}

/** Windows-1252's own signs for the bytes 0x80 to 0x9f, where it has any. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
/**
 * UTF-8 that was read as Latin-1 or Windows-1252: a lead byte and its trail bytes. Those trail bytes that also stand in
 * real names (’ ‘ š ž · º, a hard blank, …) count only after Â, Ã, Ä and Å, which begin most of what is broken so.
 */
const MISREAD_UTF8 = new RegExp(
  '[\xc2-\xc5][\x80-\xbf]|[\xc6-\xdf][\x80-\x89\x8b\x8d\x8f\x90\x93-\x99\x9b\x9d\xa1-\xa9\xab-\xb3\xb5\xb6\xb8\xb9\xbb-\xbf]' +
    '|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}',
);

/** Text that lost its encoding on the way: the replacement sign, half a pair, mathematics or boxes in a name, "JosÃ©". */
function isBroken(text: string): boolean {
  if (/[\ufffd\p{Cs}\p{Sm}\u2500-\u259f]/u.test(text)) return true;
  const bytes = Array.from(text, (sign) => {
    const at = WINDOWS_1252.indexOf(sign);
    return at === -1 || sign === ' ' ? sign : String.fromCharCode(0x80 + at);
  }).join('');
  return MISREAD_UTF8.test(bytes);
}
