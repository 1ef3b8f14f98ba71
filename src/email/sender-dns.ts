import { createPublicKey, type KeyObject } from 'node:crypto';
import { domainToASCII } from 'node:url';

/** As `dns.promises.resolveTxt`: each record in the pieces that it was cut into. */
export type ResolveTxt = (name: string) => Promise<string[][]>;

/** What a look into the DNS found; `warning` says what to publish. `unseen`: nobody answered, so nothing is known. */
export interface DnsFinding {
  readonly verdict: 'ok' | 'warning' | 'unseen';
  readonly said: string;
}

const ok = (said: string): DnsFinding => ({ verdict: 'ok', said });
const warning = (said: string): DnsFinding => ({ verdict: 'warning', said });

/** What the DNS says when there is no such record, in difference to when it says nothing. */
const NOTHING_THERE = new Set(['ENOTFOUND', 'ENODATA']);

/** @returns the TXT records of a name that begin with this, cleaned of what steers a terminal; null: nobody answered. */
async function records(name: string, begin: RegExp, resolve: ResolveTxt): Promise<readonly string[] | null> {
  try {
    const found = await resolve(domainToASCII(name) || name);
    return found
      .map((pieces) => pieces.join('').replace(/[^\x20-\x7e]/g, ''))
      .filter((text) => begin.test(text.trim()));
  } catch (error) {
    return NOTHING_THERE.has((error as NodeJS.ErrnoException).code ?? '') ? [] : null;
  }
}

const unseen = (name: string): DnsFinding => ({
  verdict: 'unseen',
  said: `not looked at: the DNS gave no answer for ${name}`,
});

/** Tags of a DKIM or DMARC record (RFC 6376, 3.2): the first of each name counts. */
function tagsOf(record: string): ReadonlyMap<string, string> {
  const pairs = record.split(';').flatMap((part): [string, string][] => {
    const [, name, value = ''] = /^\s*([A-Za-z]\w*)\s*=(.*)$/s.exec(part) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value.trim()]];
  });
  return new Map(pairs.reverse());
}

export interface Dkim {
  readonly domain: string;
  readonly selector: string;
  /** PEM */
  readonly privateKey: string;
}

/** Whether receivers find the public half of the key that signs, and whether it speaks for the senders' domains. */
export async function dkimFinding(
  { domain, selector, privateKey }: Dkim,
  senders: readonly string[],
  resolve: ResolveTxt,
): Promise<DnsFinding> {
  const name = `${selector}._domainkey.${domain}`;
  const ours = spki(createPublicKey(privateKey));
  const publish = `publish at ${name} TXT "v=DKIM1; k=rsa; p=${ours}"`;
  const strange = senders.find((sender) => !isWithin(sender, domain) && !isWithin(domain, sender));
  if (strange !== undefined)
    return warning(
      `DKIM_DOMAIN ${domain} doesn't speak for ${strange}: DMARC asks for the domain of the sender, or its parent`,
    );
  const found = await records(name, /(^|;)\s*p\s*=/, resolve);
  if (found === null) return unseen(name);
  const [record, ...others] = found;
  if (record === undefined) return warning(`no key is there: ${publish}`);
  if (others.length > 0) return warning(`there are ${String(found.length)} keys at ${name}, and must be one`);
  const tags = tagsOf(record);
  if (tags.get('p') === '') return warning(`the key at ${name} is revoked: ${publish}`);
  const hashes = tags.get('h');
  if (hashes !== undefined && !/\bsha256\b/.test(hashes))
    return warning(`the key at ${name} is not for sha256: ${publish}`);
  if (publicKeyOf(tags.get('p') ?? '') !== ours)
    return warning(`the key at ${name} is not that of DKIM_PRIVATE_KEY: ${publish}`);
  return ok(`${name} has our key`);
}

const spki = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');

/** In base64 of its SubjectPublicKeyInfo; null where it is no key. Some publish the bare RSAPublicKey. */
function publicKeyOf(text: string): string | null {
  const key = Buffer.from(text.replace(/\s/g, ''), 'base64');
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      return spki(createPublicKey({ key, format: 'der', type }));
    } catch {
      // The other one, perhaps.
    }
  }
  return null;
}

const isWithin = (name: string, domain: string): boolean =>
  `.${name.toLowerCase()}`.endsWith(`.${domain.toLowerCase()}`);

/** Whether a domain says who may send for it. */
export async function spfFinding(domain: string, resolve: ResolveTxt): Promise<DnsFinding> {
  const found = await records(domain, /^v=spf1( |$)/i, resolve);
  if (found === null) return unseen(domain);
  const [record, ...others] = found;
  if (record === undefined)
    return warning(
      `${domain} has none: publish TXT "v=spf1 include:<your provider> -all", unless bounces go to a domain of the provider's`,
    );
  if (others.length > 0) return warning(`${domain} has ${String(found.length)}, which counts as none: leave one`);
  if (/(^| )\+?all( |$)/i.test(record)) return warning(`${domain} lets everybody send for it: end it with -all`);
  return ok(`${domain} says ${record.slice(0, MOST_SAID)}`);
}

const MOST_SAID = 120;
const POLICIES = ['none', 'quarantine', 'reject'];

/** What receivers are to do with emails that only pretend to be a domain's: its own record, else that of a parent. */
export async function dmarcFinding(domain: string, resolve: ResolveTxt): Promise<DnsFinding> {
  const labels = domain.split('.');
  // No single label, such as `com`, says it for others.
  const domains = labels.slice(0, Math.max(1, labels.length - 1)).map((_, place) => labels.slice(place).join('.'));
  const publish = `publish at _dmarc.${domain} TXT "v=DMARC1; p=none; rua=mailto:<a mailbox you read>"`;
  for (const one of domains) {
    const found = await records(`_dmarc.${one}`, /^v=DMARC1\s*(;|$)/, resolve);
    if (found === null) return unseen(`_dmarc.${one}`);
    const [record, ...others] = found;
    if (record === undefined) continue;
    if (others.length > 0) return warning(`_dmarc.${one} has ${String(found.length)}, which counts as none: leave one`);
    const tags = tagsOf(record);
    const policy = ((one === domain ? undefined : tags.get('sp')) ?? tags.get('p') ?? '').toLowerCase();
    if (!POLICIES.includes(policy)) return warning(`_dmarc.${one} has no policy p that receivers know: ${publish}`);
    return ok(`_dmarc.${one} says ${policy}${policy === 'none' ? ', which only watches: go on to quarantine' : ''}`);
  }
  return warning(`${domain} has none: ${publish}`);
}
