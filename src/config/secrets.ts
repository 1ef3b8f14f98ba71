/*
 * What makes a secret none. Whoever has read this repository knows what is printed in it; and what a person has typed,
 * or a machine has counted, is found by trying.
 */

/**
 * Every secret, password and key that stands in this repository's files for people to copy: `.env.example`, the compose
 * file, the documentation, the benchmark, the tests. `test/config/production.test.ts` reads those files and fails for one
 * that is missing here.
 */
const PRINTED: readonly string[] = [
  'a-secret-for-trying-out',
  'an-admin-token-for-trying-out',
  'a2l0LWhlcmFsZC1lbmNyeXB0aW9uLWtleS10cnkhISE=',
  'a2l0LWhlcmFsZC1pbmRleC1rZXktZm9yLXRyeWluZyE=',
  'the-secret-of-the-benchmark',
  'a-secret-that-only-tests-know',
  'kit_herald',
  'password',
  'secret',
  'temporal',
  'sk_live_…',
];

/** Words of the values that stand in documentation for a secret to be filled in. */
const PLACEHOLDER =
  /change.?me|replace.?(me|this|with)|place.?holder|your.?(own.?)?(webhook|admin|secret|token|key|pass)|<.*>|…|\.{3}/i;

export const isPrinted = (secret: string): boolean => PRINTED.includes(secret);

/** Bearer tokens and webhook secrets: at least so many characters. */
const SHORTEST = 16;
/** Sixteen random hex digits have ten different ones; fewer than six come once in some 100,000. */
const FEWEST_CHARACTERS = 6;

/** Why a secret keeps nobody out, to be read after its setting's name; null where it may do. Never quotes it. */
export function faultOfSecret(secret: string): string | null {
  if (secret.length < SHORTEST) return `must have at least ${String(SHORTEST)} characters`;
  if (!/^[\x21-\x7e]+$/.test(secret))
    return 'must have no blanks and no characters beyond ASCII: they do not survive a header';
  if (isPrinted(secret)) return 'is printed in our own repository: make one of your own (openssl rand -base64 32)';
  if (PLACEHOLDER.test(secret)) return 'is a placeholder: make one of your own (openssl rand -base64 32)';
  if (isGuessable(Buffer.from(secret), FEWEST_CHARACTERS))
    return 'can be guessed: make one at random (openssl rand -base64 32)';
  return null;
}

/** Thirty-two random bytes have thirty different ones; fewer than twenty never come. */
const FEWEST_BYTES = 20;

/** As `faultOfSecret`, of the 32 bytes of a key. */
export function faultOfKey(key: Buffer): string | null {
  if (isPrinted(key.toString('base64')))
    return 'has a key that is printed in our own repository: make one of your own (openssl rand -base64 32)';
  if (isGuessable(key, FEWEST_BYTES) || isTyped(key))
    return 'has a key that can be guessed: make each at random (openssl rand -base64 32)';
  return null;
}

/** Few different ones, one piece again and again, or counted up or down. */
function isGuessable(bytes: Buffer, fewest: number): boolean {
  if (new Set(bytes).size < fewest) return true;
  for (let length = 1; length <= bytes.length / 2; length += 1)
    if (bytes.every((byte, place) => byte === bytes[place % length])) return true;
  const steps = [...bytes.subarray(1)].map((byte, place) => (byte - (bytes[place] ?? 0) + 256) % 256);
  return mostOften(steps) > steps.length * 0.7;
}

/** Text in the place of random bytes: it comes by chance once in 10^13. */
const isTyped = (key: Buffer): boolean => key.every((byte) => byte >= 0x20 && byte < 0x7f);

function mostOften(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return Math.max(...counts.values());
}
