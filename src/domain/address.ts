/** RFC 5321, 4.5.3.1: an address has at most 254 characters (in a path of 256), its local part at most 64. */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;

/**
 * Dot-atom of RFC 5322, and letters of any script (RFC 6531), without `%` and `!`, by which old servers sent mail on to
 * elsewhere. No quotes, no comments, no blanks, no controls.
 */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}#$&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}#$&'*+/=?^_`{|}~-]+)*$/u;
/** What a program behind a server could take for an option, a pipe or a file, and what a mail client decodes (RFC 2047). */
const TREACHEROUS = /^[-|/]|=\?|\?=/;
/** Signs that nobody sees, so that nobody could tell two addresses apart by them. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
/** What may stand around an address by mistake. */
const AROUND = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point},;]+|[\s\p{Cf}\p{Default_Ignorable_Code_Point},;]+$/gu;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
/** What the URL parser would cut off, drop or decode instead of refusing it. */
const NOT_IN_A_DOMAIN = /[\s/?#\\:@%[\]．。｡\p{Cc}]/u;

/**
 * One address that a mail can safely go to: `local@domain`, the domain in ASCII (IDNA) and lower case; null for what
 * can't be one. Stricter than RFC 5322, because mail to patients must reach one mailbox for certain: quoted local
 * parts, comments, display names, lists, address literals, single-label domains, full-width signs and routes of old
 * (`%`, `!`) are refused. Taken off are blanks, invisible signs, commas, `<…>` and `mailto:` around it, and a dot that
 * ends the domain.
 */
export function usableAddress(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 1_000) return null;
  const address = bare(text).normalize('NFC');
  if (INVISIBLE.test(address)) return null;
  const at = address.lastIndexOf('@');
  if (at < 1) return null;
  const local = address.slice(0, at);
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === null || !LOCAL_PART.test(local) || TREACHEROUS.test(local)) return null;
  // Full-width letters and the like: what somebody's keyboard made of another address.
  if (local.normalize('NFKC') !== local) return null;
  if (utf8Length(local) > LONGEST_LOCAL_PART || utf8Length(local) + 1 + domain.length > LONGEST_ADDRESS) return null;
  return `${local}@${domain}`;
}

function bare(text: string): string {
  const inside = text
    .replace(AROUND, '')
    .replace(/^<([^<>]*)>$/, '$1')
    .replace(/^mailto:/i, '');
  return inside === text ? text : bare(inside);
}

function asciiDomain(text: string): string | null {
  const rootless = text.endsWith('.') ? text.slice(0, -1) : text;
  if (rootless === '' || NOT_IN_A_DOMAIN.test(rootless)) return null;
  const url = `http://${rootless}/`;
  if (!URL.canParse(url)) return null;
  const labels = new URL(url).hostname.split('.');
  const top = labels.at(-1) ?? '';
  // A numeric last label would be an IPv4 address.
  return labels.length >= 2 && labels.every((label) => LABEL.test(label)) && /[a-z]/.test(top)
    ? labels.join('.')
    : null;
}

const utf8Length = (text: string): number => new TextEncoder().encode(text).length;
