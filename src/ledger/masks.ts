/** Longer words of a mail server are neither kept nor shown. */
const LONGEST_REPLY = 1_000;

/** A mail server's words as they are kept. The last word goes with the cut: half an address couldn't be masked. */
export const cutReply = (reply: string): string =>
  reply.length <= LONGEST_REPLY ? reply : `${reply.slice(0, LONGEST_REPLY - 1).replace(/\S{1,320}$/u, '')}…`;

/** `jane@example.com` becomes `j•••@example.com`: enough to recognise, too little to write to. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '•••' : `${maskLocal(address)}${address.slice(at)}`;
}

const maskLocal = ([first = '']: string): string => `${first}•••`;

/**
 * Masks every address in a mail server's words, cut as they are kept. `known`, the one they are about, is found by what
 * was sent, however it is written: whole or its local part alone, in other letters (case, full width), behind `%40`,
 * `=40` or `&#64;`, in the address of a forwarder (SRS). Others are found by their shape. The reply's own code stays.
 */
export function maskReply(reply: string, known: string | null): string {
  const cut = cutReply(reply);
  return maskShapes(known === null ? cut : maskKnown(cut, known));
}

/** Whatever stands around an @, generously: words between blanks, brackets and quotes, or a quoted local part. */
const WORDS = /"[^"\r\n]*"@[^\s<>"'(),;:•]+|(?:&#0*64;|&#x0*40;|&commat;|[^\s<>"'(),;:•])+/giu;
/** `=40` may be a number, too: only before what can be a domain is it an @. */
const AT = /@|＠|﹫|%40|=40(?=[\p{L}\p{N}-]+(?:\.|%2e|=2e))|&#0*64;|&#x0*40;|&commat;/giu;

const maskShapes = (text: string): string =>
  text.replaceAll(WORDS, (word) => {
    const at = [...word.matchAll(AT)].at(-1)?.index ?? 0;
    return at === 0 ? word : `${maskLocal(word)}${word.slice(at)}`;
  });

/** `550 5.1.1`, which no local part may make unreadable. */
const CODE = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3}(?!\S))?/u;
/** A shorter local part is masked where it is a word: `mail` would otherwise be found in `mailbox`. */
const SURELY_A_NAME = 5;
const IN_A_WORD = /[\p{L}\p{N}]/u;

interface Masked {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

function maskKnown(reply: string, known: string): string {
  const found = READINGS.flatMap((reading) => maskedIn(read(reply, reading), known));
  const from = CODE.exec(reply)?.[0].length ?? 0;
  let masked = '';
  let done = 0;
  // The longest first: a whole address before its local part.
  for (const { start, end, by } of found.sort((one, other) => one.start - other.start || other.end - one.end)) {
    if (start < from || end <= done) continue;
    masked += start < done ? '' : reply.slice(done, start) + by;
    done = end;
  }
  return masked + reply.slice(done);
}

function maskedIn({ text, starts, ends }: Reading, known: string): Masked[] {
  const address = folded(known.trim());
  const local = address.slice(0, Math.max(0, address.lastIndexOf('@')));
  const [, quoted = local] = /^"(.*)"$/su.exec(local) ?? [];
  const plain = quoted.replaceAll(/\\(.)/gsu, '$1');
  const [base = ''] = plain.split('+');
  const alone = maskLocal(plain);
  const needles = new Map([
    [address, maskAddress(known)],
    ...[local, plain, base].map((name) => [name, alone] as const),
  ]);
  return [...needles].flatMap(([needle, by]) =>
    occurrences(text, needle).map((at) => ({
      start: starts[at] ?? 0,
      end: ends[at + needle.length - 1] ?? 0,
      by,
    })),
  );
}

function occurrences(text: string, needle: string): number[] {
  const found: number[] = [];
  if (needle === '') return found;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
    const isWord = !IN_A_WORD.test(text.charAt(at - 1)) && !IN_A_WORD.test(text.charAt(at + needle.length));
    if (needle.length >= SURELY_A_NAME || isWord) found.push(at);
  }
  return found;
}

/** A reply as it may be meant, and where each of its letters stands in what was said. */
interface Reading {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const bytes = (run: string): string => Buffer.from(run.replaceAll(/[%=]/gu, ''), 'hex').toString('utf8');

/** Each by itself: what `=40` hides in one reply is `=` and a number in another. */
const READINGS: readonly { readonly units: RegExp; readonly meant: (unit: string) => string }[] = [
  { units: /./gsu, meant: (unit) => unit },
  { units: /(?:%[0-9a-f]{2})+|./gisu, meant: (unit) => (unit.length > 2 ? bytes(unit) : unit) },
  { units: /(?:=[0-9a-f]{2})+|./gisu, meant: (unit) => (unit.length > 2 ? bytes(unit) : unit) },
  { units: /&#\d{1,7};|&#x[0-9a-f]{1,6};|&commat;|./gisu, meant: (unit) => (unit.length > 2 ? entity(unit) : unit) },
];

function entity(unit: string): string {
  const [, hex, decimal] = /^&#(?:x([0-9a-f]+)|(\d+));$/iu.exec(unit) ?? [];
  if (hex === undefined && decimal === undefined) return '@';
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return point > 0x10ffff ? unit : String.fromCodePoint(point);
}

const folded = (text: string): string => text.normalize('NFKD').toLowerCase();

function read(reply: string, { units, meant }: (typeof READINGS)[number]): Reading {
  const [starts, ends]: [number[], number[]] = [[], []];
  let text = '';
  for (const { 0: unit, index } of reply.matchAll(units)) {
    const letters = folded(meant(unit));
    text += letters;
    for (let nth = 0; nth < letters.length; nth += 1) {
      starts.push(index);
      ends.push(index + unit.length);
    }
  }
  return { text, starts, ends };
}
