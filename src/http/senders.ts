import ipaddr from 'ipaddr.js';

/** Words of 16 bits that one customer has of IPv6, a /64: whoever owns one of its addresses owns them all. */
const CUSTOMER_WORDS = 4;

/**
 * Who counts as one sender where senders are counted: an IPv4 address, or a /64 of IPv6. Never throws; a connection that
 * is closed already has no address any more.
 */
export function senderOf(address: string | undefined): string {
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown';
  const read = ipaddr.process(address);
  return read instanceof ipaddr.IPv6 ? read.parts.slice(0, CUSTOMER_WORDS).join(':') : read.toString();
}
