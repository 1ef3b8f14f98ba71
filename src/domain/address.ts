/** RFC 5321, 4.5.3.1: an address has at most 254 characters (in a path of 256), its local part at most 64. */
const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;

/** Dot-atom of RFC 5322, and letters of any script (RFC 6531). No quotes, no comments, no blanks, no controls. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
/** What the URL parser would cut off, drop or decode instead of refusing it. */
const NOT_IN_A_DOMAIN = /[\s/?#\\:@%[\]\p{Cc}\p{Cf}]/u;

/**
 * One address that a mail can safely go to: `local@domain`, the domain in ASCII (IDNA) and lower case; null for what
 * can't be one. Stricter than RFC 5322, because mail to patients must reach one mailbox for certain: quoted local
 * parts, comments, display names, lists, address literals and single-label domains are refused. A dot that ends the
 * domain is dropped.
 */
export function usableAddress(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 1_000) return null;
  const address = text.trim().normalize('NFC');
  const at = address.lastIndexOf('@');
  if (at < 1) return null;
  const local = address.slice(0, at);
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === null || !LOCAL_PART.test(local)) return null;
  if (utf8Length(local) > LONGEST_LOCAL_PART || utf8Length(local) + 1 + domain.length > LONGEST_ADDRESS) return null;
  return `${local}@${domain}`;
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
