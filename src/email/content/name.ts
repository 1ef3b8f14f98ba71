/** What nobody's name holds, but what would break a layout, start markup or look like a link. */
const HOSTILE = /[<>{}[\]\\|"`@#$%^*=~_+;:!?/()&\d]|www\.|\.\p{L}{2,}/u;
/** Controls, bidi overrides, zero-width marks, private use, unassigned: dropped. Joiners stay: scripts need them. */
const INVISIBLE = /[\p{Cc}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu;
const LONGEST = 40;

/**
 * The first name to greet with, or null where what came can't be one: then the greeting goes without. Better no name
 * than "Hello <b>Eve</b>," or a phisher's web address under our letterhead.
 */
export function greetingName(firstName: string | null): string | null {
  if (firstName === null || firstName.length > 1_000) return null;
  // A line break is what header injection is made of: such a name isn't mended.
  if (/[\r\n\u2028\u2029]/.test(firstName.trim())) return null;
  const name = firstName.normalize('NFC').replace(INVISIBLE, '').replace(/\s+/gu, ' ').trim();
  if (!/\p{L}/u.test(name) || HOSTILE.test(name) || Array.from(name).length > LONGEST) return null;
  // Stacked accents ("zalgo") spill over the lines around them.
  return /\p{M}{4,}/u.test(name.normalize('NFD')) ? null : name;
}
