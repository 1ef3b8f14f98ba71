import { createHash, createPrivateKey, createSign, type KeyObject } from 'node:crypto';
import { domainToASCII } from 'node:url';

export interface Dkim {
  readonly domain: string;
  readonly selector: string;
  /** PEM, RSA */
  readonly privateKey: string;
}

/**
 * Listed once more than they occur: a second one, put in by whoever passes the message on, breaks the signature instead
 * of being shown in place of ours (RFC 6376, 8.15).
 */
const OVERSIGNED = ['from', 'reply-to', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'];
/** RFC 8058 needs both List-Unsubscribe headers in the signature. */
const SIGNED = ['content-language', 'auto-submitted', 'feedback-id', 'list-unsubscribe', 'list-unsubscribe-post'];

/**
 * Signs whole messages by DKIM (RFC 6376), rsa-sha256 and relaxed/relaxed. Of our own, because nodemailer lists a header
 * once at most, however it is told.
 * @throws Error with one sentence where the key is none.
 */
export function createDkimSigner({ domain, selector, privateKey }: Dkim): (message: Buffer) => Buffer {
  const key = readKey(privateKey);
  const tags = `v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domainToASCII(domain)}; s=${selector};`;
  return (message) => {
    // One character a byte, so that nothing is decoded and encoded again.
    const text = message.toString('latin1').replace(/\r?\n/g, '\r\n');
    const ofHeaders = text.indexOf('\r\n\r\n');
    const fields = fieldsOf(text.slice(0, ofHeaders));
    const listed = [
      ...OVERSIGNED.flatMap((name) => [...(fields.get(name) ?? []).map(() => name), name]),
      ...SIGNED.flatMap((name) => (fields.get(name) ?? []).map(() => name)),
    ];
    const bodyHash = createHash('sha256')
      .update(relaxedBody(text.slice(ofHeaders + 4)), 'latin1')
      .digest('base64');
    const unsigned = `DKIM-Signature: ${tags}\r\n bh=${bodyHash};\r\n h=${inLines(listed)};\r\n b=`;
    const signature = createSign('RSA-SHA256')
      .update(`${signedHeaders(listed, fields)}${relaxed(unsigned)}`, 'latin1')
      .sign(key, 'base64')
      .replace(/.{72}(?=.)/g, '$&\r\n ');
    return Buffer.from(`${unsigned}${signature}\r\n${text}`, 'latin1');
  };
}

function readKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Said below: the error may quote the key.
  }
  throw new Error('DKIM_PRIVATE_KEY is not an RSA key in PEM form');
}

/** The header fields by name, the first one first. */
function fieldsOf(headers: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const field of headers.split(/\r\n(?![ \t])/)) {
    const name = field.slice(0, field.indexOf(':')).trim().toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), field]);
  }
  return fields;
}

/** What is signed of the headers: each time a name is listed the next one from below, and nothing when none is left. */
function signedHeaders(listed: readonly string[], fields: ReadonlyMap<string, readonly string[]>): string {
  const left = new Map([...fields].map(([name, all]) => [name, [...all]]));
  return listed
    .map((name) => left.get(name)?.pop())
    .map((field) => (field === undefined ? '' : `${relaxed(field)}\r\n`))
    .join('');
}

/** RFC 6376, 3.4.2 */
function relaxed(field: string): string {
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/^ | $/g, '');
  return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** RFC 6376, 3.4.4 */
function relaxedBody(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}

/** A list of names on lines short enough for every server. */
function inLines(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    const line = lines.at(-1) ?? '';
    if (line === '') lines[lines.length - 1] = name;
    else if (line.length + name.length < 70) lines[lines.length - 1] = `${line}:${name}`;
    else lines.push(name);
  }
  return lines.join(':\r\n  ');
}
