import { domainToASCII } from 'node:url';

/**
 * The form under which an address is compared: trimmed, NFC, lower case, its domain as IDNA. `+tags` and dots stay:
 * they may be another person's. Giving it its own result changes nothing.
 */
export function normaliseEmail(address: string): string {
  const plain = lower(address.trim());
  const at = plain.lastIndexOf('@');
  if (at < 0) return plain;
  const domain = plain.slice(at + 1);
  return `${plain.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

/** The form under which a person's full name is compared: compatibility-normalised, lower case, single spaces. */
export function normaliseName(name: string): string {
  return lower(name.normalize('NFKC')).replace(/\s+/gu, ' ').trim();
}

/** Lower-casing may leave combining marks apart, and composing them may make another capital: until it settles. */
function lower(text: string): string {
  const once = text.normalize('NFC').toLowerCase().normalize('NFC');
  return once === text ? once : lower(once);
}
