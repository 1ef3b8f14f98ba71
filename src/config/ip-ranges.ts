import ipaddr from 'ipaddr.js';

/** A network and how many of its bits count. IPv4 in IPv6's clothes (`::ffff:1.2.3.4`) is IPv4. */
export type Range = readonly [network: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/**
 * A list of addresses and CIDR ranges, IPv4 and IPv6, as a test. IPv4 in IPv6's clothes (`::ffff:1.2.3.4`) is IPv4, in
 * the list and in what is asked. Whatever is no address is not in any list.
 * @throws Error with one sentence that names the entry which can't be read.
 */
export function addressList(entries: readonly string[]): (address: string | undefined) => boolean {
  const ranges = entries.map(readRange);
  return (address) => {
    const asked = address === undefined ? null : readAddress(address);
    return (
      asked !== null && ranges.some(([network, bits]) => network.kind() === asked.kind() && asked.match(network, bits))
    );
  };
}

/** Names of ranges that Fastify knows, and what they stand for. */
export const PRESET_RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Whether a connection comes from a proxy of ours: TRUST_PROXY as a test of the peer's own address. */
export const proxyList = (entries: readonly string[]): ((address: string | undefined) => boolean) =>
  addressList(entries.flatMap((entry) => PRESET_RANGES[entry] ?? [entry]));

/** @throws Error with one sentence that names the entry which can't be read. */
export function readRange(entry: string): Range {
  const [address = '', bits, ...rest] = entry.trim().split('/');
  const network = readAddress(address);
  if (network === null || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) throw unreadable(entry);
  const whole = network.kind() === 'ipv4' ? 32 : 128;
  // A mapped range is written with IPv6's bits: 96 of them are the prefix that says "IPv4".
  const mapped = network.kind() === 'ipv4' && address.includes(':') ? 96 : 0;
  const wanted = bits === undefined ? whole : Number(bits) - mapped;
  if (wanted < 0 || wanted > whole) throw unreadable(entry);
  return [network, wanted];
}

/** Null for what is no address; legacy spellings of IPv4 (`10.1`, `0x7f.1`, octal) are none. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (text.includes(':') ? !ipaddr.IPv6.isValid(text) : !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
  return ipaddr.process(text);
}

const unreadable = (entry: string): Error => new Error(`"${entry}" is neither an IP address nor a CIDR range`);

/** Whether a name or an address, as a URL or `host:port` has it, is of this machine alone. */
export function isThisMachine(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return /^([a-z0-9-]+\.)*localhost$/.test(name) || readAddress(name)?.range() === 'loopback';
}
